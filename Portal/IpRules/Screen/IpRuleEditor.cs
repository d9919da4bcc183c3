using MudBlazor;
using Portal.Access;
using Portal.Localization;

namespace Portal.IpRules.Screen;

/// <summary>Adds and removes rules, and asks first if a change would refuse clients or allow every address. All pages with rules use it.</summary>
/// <param name="clientAddress">The address of the user; null: unknown.</param>
internal sealed class IpRuleEditor(IpRuleService rules, IpRulePreviewer previewer, IDialogService dialogs, Actor actor, string? clientAddress)
{
    private const int MostNamed = 2;

    /// <param name="target">The name of the token to which the rules apply; null: all tokens.</param>
    /// <param name="asking">Called before the change is made.</param>
    /// <returns>Null: the user decided against it.</returns>
    public async Task<IpRuleOutcome?> AddAsync(IReadOnlyList<NewIpRule> wanted, string? target, Action? asking = null)
    {
        // Before the question, so that it is asked once.
        await rules.RequireAsync(actor);
        if ((await previewer.TryAsync(actor, wanted, clientAddress)).Preview is { IsHarmless: false } preview && !await AskToAddAsync(wanted, target, preview))
            return null;
        asking?.Invoke();
        return await rules.AddAsync(actor, wanted);
    }

    /// <returns>Null: the user decided against it.</returns>
    public async Task<IpRuleOutcome?> RemoveAsync(IpRuleEntry rule)
    {
        await rules.RequireAsync(actor);
        return await previewer.RemoveAsync(actor, rule.Id, clientAddress) is { } preview && !await AskToRemoveAsync(rule, preview)
            ? null
            : await rules.RemoveAsync(actor, rule.Id);
    }

    private Task<bool> AskToAddAsync(IReadOnlyList<NewIpRule> wanted, string? target, IpRulePreview preview)
    {
        var lines = new List<string> { target is null ? Texts.IpRules_FirstForAll : Texts.IpRules_FirstForToken.With(target) };
        if (preview.RefusesCurrentAddress)
            lines.Add(Texts.IpRules_ExcludesYou.With(clientAddress));
        var names = string.Join(", ", wanted.Take(MostNamed).Select(rule => rule.Addresses!.Trim()));
        if (wanted.Count > MostNamed)
            names = Texts.IpRule_AndMore.With(names, wanted.Count - MostNamed);
        return IpRuleDialog.AskAsync(
            dialogs, Texts.IpRules_AddTitle.With(names), lines, preview, TextFormat.Count(wanted.Count, Texts.IpRules_AddConfirm, Texts.IpRuleProposals_Add));
    }

    private Task<bool> AskToRemoveAsync(IpRuleEntry rule, IpRulePreview preview)
    {
        var lines = new List<string>
        {
            (preview.RemovesLastRestriction, rule.Token) switch
            {
                (true, null) => Texts.IpRules_LastForAll,
                (true, { } token) => Texts.IpRules_LastForToken.With(token.Name),
                _ => Texts.IpRules_RemoveEffect,
            },
        };
        if (preview.RefusesCurrentAddress)
            lines.Add(Texts.IpRules_NoOtherAllowsYou.With(clientAddress));
        return IpRuleDialog.AskAsync(dialogs, Texts.IpRules_RemoveTitle.With(rule.Written), lines, preview, Texts.IpRules_RemoveConfirm);
    }
}
