using System.Text.Json;
using Portal.Components.Shared;
using Portal.Data;

namespace Portal.IpRules.Screen;

/// <summary>The input of the form for a rule.</summary>
/// <param name="Token">The token that was chosen; null: none.</param>
/// <param name="TokenText">The text that was typed instead.</param>
internal sealed record IpRuleFormDraft(string Addresses = "", string Label = "", IpRuleToken? Token = null, string TokenText = "")
{
    public bool IsEmpty => string.IsNullOrWhiteSpace(Addresses + Label + TokenText) && Token is null;

    public NewIpRule ToRule() => new(Label, Addresses, Token?.Handle ?? TokenText);

    /// <summary>Converts it to text that the browser tab stores, without pasted secrets.</summary>
    /// <returns>Null: nothing was entered.</returns>
    public string? Write() => IsEmpty ? null : JsonSerializer.Serialize(this with
    {
        Addresses = SecretText.Hide(Addresses),
        Label = SecretText.Hide(Label),
        TokenText = SecretText.Hide(TokenText),
    });

    /// <summary>Reads what the browser sends back, which isn't trusted.</summary>
    /// <returns>Null: there is no draft, or it can't be read.</returns>
    public static IpRuleFormDraft? Read(string? text) => TabJson.Read<IpRuleFormDraft>(text) is not { } draft ? null : draft with
    {
        Addresses = draft.Addresses ?? "",
        Label = draft.Label ?? "",
        TokenText = draft.TokenText ?? "",
        Token = draft.Token is { Name: not null, Handle: { } handle } && IpRuleChecks.ReadHandle(handle) == handle ? draft.Token : null,
    };
}
