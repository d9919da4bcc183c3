using System.Globalization;
using System.Text.Json;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Data;
using Portal.IpRules;
using Portal.Tokens.Details;
using Portal.Tokens.Dialogs;

namespace Portal.Tokens.Create;

/// <summary>Converts the draft to text that the browser tab stores, without pasted secrets. The browser sends it back, so it isn't trusted.</summary>
internal static class DraftSerializer
{
    public static string Write(TokenDraft draft) => JsonSerializer.Serialize(new Stored(
        draft.CreationId, draft.Step, SecretText.Hide(draft.Name), SecretText.HideKeys(draft.ExternalId), SecretText.Hide(draft.Description), draft.Expiration.Kind,
        SecretText.Hide(draft.Expiration.CustomText),
        draft.Expiration.CustomMoment?.ToString("O", CultureInfo.InvariantCulture), SecretText.Hide(draft.ExtensionId), draft.Modules.AllModules, [.. draft.Modules.Ids], draft.CreatedHandle,
        draft.IsSent, draft.WasCreatedEarlier, draft.RateLimit.Rule, SecretText.Hide(draft.RateLimit.Requests), draft.RateLimit.Per,
        [.. draft.Addresses.Select(SecretText.Hide)], SecretText.Hide(draft.AddressText), draft.ShowsLimits, draft.Owner is null ? null : SecretText.Hide(draft.Owner), SecretText.Hide(draft.Contact),
        draft.StartTime.IsLater, SecretText.Hide(draft.StartTime.Text), draft.StartTime.Moment?.ToString("O", CultureInfo.InvariantCulture), SecretText.Hide(draft.Expiration.Reason), draft.TemplateId, SecretText.Hide(draft.NoticeDays), SecretText.Hide(draft.ApprovalNote)));

    /// <returns>Null: there is no draft, or it can't be read.</returns>
    public static TokenDraft? Read(string? text, ModuleCatalog catalog)
    {
        if (TabJson.Read<Stored>(text) is not { } stored || !Enum.IsDefined(stored.Step) || stored.CreationId == Guid.Empty)
            return null;
        var draft = new TokenDraft
        {
            CreationId = stored.CreationId,
            Name = stored.Name ?? "",
            ExternalId = stored.ExternalId ?? "",
            Description = stored.Description ?? "",
            Owner = stored.Owner,
            Contact = stored.Contact ?? "",
            Expiration = new ExpirationChoice { Kind = stored.Expiration is null or ExpirationChoice.Keep ? ExpirationChoice.Custom : stored.Expiration, Reason = stored.Reason ?? "" },
            ExtensionId = stored.ExtensionId ?? "",
            Modules = ModuleSelection.Of(new ModuleChoice(stored.AllModules, [.. KnownModules(stored.Modules, catalog)])),
            CreatedHandle = stored.CreatedHandle is { } handle && ApiKey.IsHandle(handle) ? handle : null,
            RateLimit = new RateLimitInput
            {
                Rule = Enum.IsDefined(stored.RateRule) ? stored.RateRule : RateRule.Default,
                Requests = stored.RateRequests ?? "",
                Per = Enum.IsDefined(stored.RatePer) ? stored.RatePer : RateUnit.Minute,
            },
            AddressText = stored.AddressText ?? "",
            ShowsLimits = stored.ShowsLimits,
            TemplateId = stored.TemplateId,
            NoticeDays = stored.NoticeDays ?? "",
            ApprovalNote = stored.ApprovalNote ?? "",
            IsSent = stored.IsSent,
            WasCreatedEarlier = stored.WasCreatedEarlier,
        };
        foreach (var address in (stored.Addresses ?? []).OfType<string>().Take(IpRuleService.MostRules))
            draft.AddAddress(address);
        draft.Expiration.SetCustom(stored.CustomText ?? "", stored.CustomMoment);
        draft.StartTime.IsLater = stored.StartsLater;
        draft.StartTime.Set(stored.StartText ?? "", stored.Start);
        draft.Step = draft.CreatedHandle is not null ? WizardStep.Summary : stored.Step == WizardStep.Summary ? WizardStep.Permissions : stored.Step;
        return draft;
    }

    private static IEnumerable<string> KnownModules(string?[]? ids, ModuleCatalog catalog) =>
        (ids ?? []).OfType<string>().Where(id => catalog.FindModule(id) is not null);

    private sealed record Stored(
        Guid CreationId, WizardStep Step, string? Name, string? ExternalId, string? Description, string? Expiration, string? CustomText,
        string? CustomMoment, string? ExtensionId, bool AllModules, string?[]? Modules, string? CreatedHandle,
        bool IsSent, bool WasCreatedEarlier, RateRule RateRule = RateRule.Default, string? RateRequests = null, RateUnit RatePer = RateUnit.Minute,
        string?[]? Addresses = null, string? AddressText = null, bool ShowsLimits = false, string? Owner = null, string? Contact = null,
        bool StartsLater = false, string? StartText = null, string? Start = null, string? Reason = null, long? TemplateId = null, string? NoticeDays = null, string? ApprovalNote = null);
}
