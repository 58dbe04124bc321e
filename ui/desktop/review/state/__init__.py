"""What the review page knows, without a widget: the list, its order, its filters and the classes."""
