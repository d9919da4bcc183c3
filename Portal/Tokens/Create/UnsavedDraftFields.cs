using Portal.Catalog;
using Portal.Localization;
using Portal.Tokens.Details;
using Portal.Tokens.Dialogs;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Create;

/// <summary>The values of a draft that differ from the token that an earlier attempt created.</summary>
internal static class UnsavedDraftFields
{
    /// <summary>Tolerates that a preset counts from the time of the attempt, not from the time of the comparison.</summary>
    private static readonly TimeSpan PresetTolerance = TimeSpan.FromDays(1);

    /// <returns>A sentence per value, with the value of the token and that of the draft.</returns>
    /// <param name="addresses">The addresses of the token's IP rules.</param>
    public static IReadOnlyList<string> Describe(TokenDraft draft, TokenDetails created, IReadOnlyList<string> addresses, ModuleCatalog catalog)
    {
        var answers = ToForm(draft, created, catalog).Changes().ToList();
        if (draft.ExtensionId != created.Extension.Id)
            answers.Add(Texts.UnsavedDraftFields_Extension.With(created.Extension.Name, catalog.FindExtension(draft.ExtensionId)?.Name ?? Texts.UnsavedDraftFields_NoExtension));
        var wanted = draft.Expiration.EndFrom(created.Created.At);
        if (AreApart(draft.Expiration.Kind, wanted, created.ExpiresAt))
            answers.Add(Texts.UnsavedDraftFields_Expires.With(Show(created.ExpiresAt), Show(wanted)));
        if (AreApart(ExpirationChoice.Custom, draft.StartTime.Start, created.StartsAt))
            answers.Add(Texts.UnsavedDraftFields_Starts.With(ShowStart(created.StartsAt), ShowStart(draft.StartTime.Start)));
        if (!draft.Addresses.ToHashSet(StringComparer.Ordinal).SetEquals(addresses))
            answers.Add(Texts.UnsavedDraftFields_Addresses.With(Show(addresses), Show(draft.Addresses)));
        return answers;
    }

    /// <returns>The values that the edit form can still change, as its draft; null: none.</returns>
    public static string? ToEditDraft(TokenDraft draft, TokenDetails created, ModuleCatalog catalog) =>
        EditDraftSerializer.Write(ToForm(draft, created, catalog), created);

    private static TokenEditForm ToForm(TokenDraft draft, TokenDetails created, ModuleCatalog catalog)
    {
        var form = new TokenEditForm(created, catalog) { Name = draft.Name, ExternalId = draft.ExternalId, Description = draft.Description };
        (form.Owner, form.Contact) = (draft.Owner ?? form.Owner, draft.Contact);
        form.NoticeDays = draft.HasNotices ? draft.NoticeDays : form.NoticeDays;
        form.Reason = created.ExpiresAt is null ? draft.Expiration.Reason : form.Reason;
        (form.Rate.Rule, form.Rate.Requests, form.Rate.Per) = (draft.RateLimit.Rule, draft.RateLimit.Requests, draft.RateLimit.Per);
        if (draft.ExtensionId != created.Extension.Id || created.Extension.Extension is not { Permissions: PermissionRule.Ask })
            return form;
        form.Modules.AllModules = draft.Modules.AllModules;
        foreach (var module in catalog.Modules)
            form.Modules.Set(module.Id, draft.Modules.Ids.Contains(module.Id));
        return form;
    }

    private static bool AreApart(string kind, DateTime? wanted, DateTime? made) =>
        wanted is { } one && made is { } other
            ? (one - other).Duration() >= (kind == ExpirationChoice.Custom ? TimeSpan.FromSeconds(1) : PresetTolerance)
            : wanted != made;

    private static string Show(IReadOnlyList<string> addresses) => addresses.Count == 0 ? Texts.UnsavedDraftFields_AnyAddress : string.Join(", ", addresses);

    private static string ShowStart(DateTime? start) => start is null ? Texts.StartPicker_AtOnce : Show(start);

    private static string Show(DateTime? moment) => moment is { } at ? Texts.UnsavedDraftFields_Moment.With(ReaderDate.Write(DateOnly.FromDateTime(at)), at) : Texts.Token_Never;
}
