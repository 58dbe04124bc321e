"""What a person does to the classes of a project, looked at before it is done; and what each class means."""
