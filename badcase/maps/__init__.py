"""The items of a project on a plane, by their embeddings: where each lies, how that is drawn fast, what lies together."""
