namespace Portal.Accounts.Passkeys;

/// <summary>The fields of <see cref="PasskeyForm"/>, which portal.js fills in.</summary>
internal sealed class PasskeyInput
{
    public string? Challenge { get; set; }
    public string? Credential { get; set; }
}
