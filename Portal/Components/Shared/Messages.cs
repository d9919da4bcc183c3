using MudBlazor;

namespace Portal.Components.Shared;

/// <summary>The result of undoing a change.</summary>
/// <param name="Done">False: nothing was changed.</param>
/// <param name="Text">What was done, or why nothing was.</param>
public sealed record UndoResult(bool Done, string Text);

/// <summary>Shows short messages about what was done. They wait while the pointer or the focus is on them, and can be dismissed.</summary>
public sealed class Messages(ISnackbar snackbar)
{
    internal static readonly TimeSpan ShownFor = TimeSpan.FromSeconds(6), UndoableFor = TimeSpan.FromSeconds(10);

    private readonly List<Snackbar> _shown = [];

    public void Show(string text, Severity severity = Severity.Normal) => Add(text, severity, undo: null);

    /// <summary>Shows what was done with a button that undoes it, for ten seconds.</summary>
    /// <param name="undo">Undoes the change if nobody has changed the same thing since, and otherwise says so. Shown in place of the message.</param>
    public void ShowUndoable(string text, Func<Task<UndoResult>> undo) => Add(text, Severity.Normal, undo);

    /// <summary>Removes the messages that offer nothing to undo, because a new action begins.</summary>
    public void ClearDone()
    {
        foreach (var shown in _shown)
            snackbar.Remove(shown);
        _shown.Clear();
    }

    private void Add(string text, Severity severity, Func<Task<UndoResult>>? undo)
    {
        Snackbar? added = null;
        var parameters = new Dictionary<string, object>
        {
            [nameof(Message.Text)] = text,
            [nameof(Message.Close)] = () =>
            {
                if (added is null)
                    return;
                _shown.Remove(added);
                snackbar.Remove(added);
            },
        };
        if (undo is not null)
            parameters[nameof(Message.Undo)] = async () =>
            {
                var result = await undo();
                if (added is not null)
                    _shown.Add(added);
                return result;
            };
        added = snackbar.Add<Message>(parameters, severity, options =>
        {
            // The message itself decides when it goes.
            options.RequireInteraction = true;
            options.ShowCloseIcon = false;
            options.DuplicatesBehavior = SnackbarDuplicatesBehavior.Allow;
        });
        if (added is not null && undo is null)
            _shown.Add(added);
    }
}
