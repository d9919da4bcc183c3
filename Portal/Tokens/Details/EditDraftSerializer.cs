using System.Globalization;
using System.Text.Json;
using Portal.Catalog;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Tokens.Create;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Details;

/// <summary>Converts the unsaved changes of the edit form to text that the browser tab stores during a reload or a
/// restart of the server. The browser sends it back, so it isn't trusted.</summary>
internal static class EditDraftSerializer
{
    /// <returns>Null: there are no changes.</returns>
    public static string? Write(TokenEditForm form, TokenDetails token)
    {
        if (form.Changes().Count == 0)
            return null;
        var saved = ModuleSelection.Of(token.Choice);
        var modulesChanged = saved.AllModules != form.Modules.AllModules || !saved.Ids.ToHashSet().SetEquals(form.Modules.Ids);
        return JsonSerializer.Serialize(new Stored(
            form.SeenVersion,
            form.Name == token.Name ? null : SecretText.Hide(form.Name),
            form.ExternalId == (token.ExternalId ?? "") ? null : SecretText.HideKeys(form.ExternalId),
            form.Description == (token.Description ?? "") ? null : SecretText.Hide(form.Description),
            modulesChanged ? form.Modules.AllModules : null, modulesChanged ? [.. form.Modules.Ids] : null,
            form.Rate.Rule, SecretText.Hide(form.Rate.Requests), form.Rate.Per, form.Rate.ToChoice() != token.RateLimit,
            form.MayOutlive == token.MayOutlive ? null : form.MayOutlive,
            form.Owner == (token.Owner?.Code ?? "") ? null : SecretText.Hide(form.Owner),
            form.Contact == (token.Contact ?? "") ? null : SecretText.Hide(form.Contact),
            form.Reason == (token.PerpetualReason ?? "") ? null : SecretText.Hide(form.Reason),
            form.NoticeDays == NoticeDays.Write(token.NoticeDays) ? null : SecretText.Hide(form.NoticeDays),
            form.Start.IsLater ? SecretText.Hide(form.Start.Text) : null, form.Start.Start?.ToString("O", CultureInfo.InvariantCulture),
            form.Seen().ToDictionary(field => field.Key.ToString(), field => (string?)SecretText.HideKeys(field.Value))));
    }

    /// <summary>Applies the stored changes to the form.</summary>
    /// <returns>The edited version, and the saved values at that time by field; null: there is no draft.</returns>
    public static (Guid Version, IReadOnlyDictionary<TokenField, string> Seen)? Restore(string? text, TokenEditForm form, ModuleCatalog catalog)
    {
        if (TabJson.Read<Stored>(text) is not { } stored)
            return null;
        form.Name = stored.Name ?? form.Name;
        form.ExternalId = stored.ExternalId ?? form.ExternalId;
        form.Description = stored.Description ?? form.Description;
        form.Owner = stored.Owner ?? form.Owner;
        form.Reason = stored.Reason ?? form.Reason;
        form.Contact = stored.Contact ?? form.Contact;
        form.NoticeDays = stored.NoticeDays ?? form.NoticeDays;
        if (stored is { AllModules: { } all, Modules: { } modules })
        {
            form.Modules.AllModules = all;
            foreach (var module in catalog.Modules)
                form.Modules.Set(module.Id, modules.Contains(module.Id));
        }

        if (stored.RateChanged && Enum.IsDefined(stored.Rule) && Enum.IsDefined(stored.Per))
            (form.Rate.Rule, form.Rate.Requests, form.Rate.Per) = (stored.Rule, stored.Requests ?? "", stored.Per);
        form.MayOutlive = stored.MayOutlive ?? form.MayOutlive;
        if (stored.StartText is { } start)
        {
            form.Start.IsLater = true;
            form.Start.Set(start, stored.Start);
        }

        return (stored.Version, SeenOf(stored));
    }

    /// <summary>Omits unknown fields, which an earlier release may have stored.</summary>
    private static Dictionary<TokenField, string> SeenOf(Stored stored)
    {
        var seen = new Dictionary<TokenField, string>();
        foreach (var (name, value) in stored.Seen ?? [])
            if (value is not null && Enum.TryParse<TokenField>(name, out var field))
                seen[field] = value;
        return seen;
    }

    /// <summary>The stored changes. Null fields are unchanged.</summary>
    private sealed record Stored(
        Guid Version, string? Name, string? ExternalId, string? Description, bool? AllModules, string?[]? Modules, RateRule Rule, string? Requests,
        RateUnit Per, bool RateChanged, bool? MayOutlive, string? Owner, string? Contact, string? Reason, string? NoticeDays, string? StartText, string? Start,
        Dictionary<string, string?>? Seen);
}
