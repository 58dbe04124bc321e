"""The Classes page: what each class means, and every change to them, shown before it is done."""
