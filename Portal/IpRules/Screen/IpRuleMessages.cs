using MudBlazor;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Localization;

namespace Portal.IpRules.Screen;

/// <summary>Says which rules were added or removed, and offers to undo it.</summary>
public sealed class IpRuleMessages(IpRuleService rules, Messages messages)
{
    public void Show(string text, Severity severity = Severity.Normal) => messages.Show(text, severity);

    /// <param name="done">The change.</param>
    /// <param name="reload">Called after the change was undone.</param>
    public void ShowUndoable(Actor actor, string text, IpRuleOutcome.Done done, Func<Task> reload) => messages.ShowUndoable(text, async () =>
    {
        var result = done.Removed is { } removed ? await AddAgainAsync(actor, removed) : await RemoveAgainAsync(actor, done.Added);
        await reload();
        return result;
    });

    private async Task<UndoResult> AddAgainAsync(Actor actor, NewIpRule removed) => await rules.AddAsync(actor, removed) is IpRuleOutcome.Invalid invalid
        ? new UndoResult(false, invalid.Faults[0].Message)
        : new UndoResult(true, Texts.IpRules_AddedAgain.With(removed.Addresses));

    private async Task<UndoResult> RemoveAgainAsync(Actor actor, IReadOnlyList<long> added)
    {
        var count = 0;
        foreach (var rule in added)
        {
            var outcome = await rules.RemoveAsync(actor, rule);
            if (outcome is IpRuleOutcome.Invalid invalid)
                return new UndoResult(false, invalid.Faults[0].Message);
            // Another person may have removed the rule already.
            if (outcome is IpRuleOutcome.Done)
                count++;
        }

        return count == 0 ? new UndoResult(false, Texts.IpRules_AlreadyRemoved) : new UndoResult(true, TextFormat.Count(count, Texts.IpRules_RemovedAgain_One, Texts.IpRules_RemovedAgain_Other));
    }
}
