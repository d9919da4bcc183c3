using Portal.Catalog;
using Portal.Data;
using Portal.Localization;
using Portal.Policies;
using Portal.Tokens.Details;
using Portal.Tokens.Dialogs;
using Portal.Tokens.Reading;

namespace Portal.Tokens.Create;

/// <summary>Fills the wizard with the values of an existing token.</summary>
internal static class DuplicateDraft
{
    private const int MostNames = 100;

    /// <summary>Tolerates that a key was created some seconds after its expiration was calculated.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <param name="addresses">The addresses of the token's IP rules.</param>
    /// <param name="isTaken">Whether a token has this name.</param>
    public static async Task<TokenDraft> CreateAsync(
        TokenDetails token, IReadOnlyList<string> addresses, ModuleCatalog catalog, IReadOnlyList<string> presets, PolicyBook policies, DateTime now, Func<string, Task<bool>> isTaken)
    {
        var draft = TokenDraft.Start(catalog, presets, policies, now);
        var copy = new TokenDraft
        {
            Name = await NameAsync(token.Name, isTaken),
            Description = token.Description ?? "",
            Owner = token.Owner?.Code,
            Contact = token.Contact ?? "",
            Expiration = new ExpirationChoice { Kind = LifeOf(token, presets) ?? draft.Expiration.Kind, Reason = token.PerpetualReason ?? "" },
            NoticeDays = NoticeDays.Write(token.NoticeDays),
            ExtensionId = catalog.FindExtension(token.Extension.Id) is null ? draft.ExtensionId : token.Extension.Id,
            Modules = ModuleSelection.Of(token.Choice),
            RateLimit = RateLimitInput.Of(token.RateLimit),
            ShowsLimits = token.RateLimit.Own || addresses.Count > 0,
        };
        foreach (var address in addresses)
            copy.AddAddress(address);
        return copy;
    }

    /// <summary>The name with "(copy)", "(copy 2)" and so on, shortened if it would be too long.</summary>
    private static async Task<string> NameAsync(string name, Func<string, Task<bool>> isTaken)
    {
        for (var number = 1; ; number++)
        {
            var suffix = number == 1 ? Texts.DuplicateDraft_Copy : Texts.DuplicateDraft_CopyNumber.With(number);
            var kept = string.Concat(name.EnumerateRunes().Take(Token.NameLength - suffix.Length - 1)).TrimEnd();
            var candidate = $"{kept} {suffix}";
            if (number == MostNames || !await isTaken(candidate))
                return candidate;
        }
    }

    /// <summary>The preset with which the token's key was created; null: none matches.</summary>
    private static string? LifeOf(TokenDetails token, IReadOnlyList<string> presets)
    {
        if (token.ExpiresAt is not { } end)
            return ExpirationChoice.Perpetual;
        var start = token.LiveSecrets.FirstOrDefault(secret => secret.Slot == KeySlot.Newest)?.CreatedAt ?? token.Created.At;
        return presets.FirstOrDefault(preset => ExpirationPreset.Parse(preset)?.EndFrom(start) is { } planned && (planned - end).Duration() < Tolerance);
    }
}
