using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Portal.Data;

namespace Portal.Accounts.Passkeys;

/// <summary>What a person uses a passkey for. An answer for one purpose is refused for another.</summary>
public enum PasskeyPurpose
{
    /// <summary>Create a passkey.</summary>
    Add,

    /// <summary>Sign in without a password.</summary>
    SignIn,

    /// <summary>Complete a sign-in after the password.</summary>
    Code,

    /// <summary>Prove again who they are.</summary>
    Proof,
}

/// <summary>Issues the challenges that passkeys sign. Each works once, within <see cref="Lifetime"/>, for its purpose and holder.</summary>
/// <remarks>A challenge is encrypted and leaves with the page, so unanswered ones take no memory. With a single node, its key is in memory only: a
/// restart ends all challenges, and with them the need to remember which ones were used. Several nodes use the key ring and remember together.</remarks>
public sealed class PasskeyChallenges(IDataProtectionProvider keyRing, IUsedValues used, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const string ProtectionPurpose = "Portal.Accounts.Passkeys.v1";

    private readonly IDataProtectionProvider _protection = used.IsShared ? keyRing : new EphemeralDataProtectionProvider();

    /// <param name="holder">Who can answer it: the browser or the session.</param>
    /// <param name="state">What Identity needs to check the answer.</param>
    internal string Issue(PasskeyPurpose purpose, string holder, string state) =>
        ProtectorOf(purpose, holder).Protect(string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow().Ticks} {state}"));

    /// <returns>The state; null: the challenge is too old, or for another purpose or holder.</returns>
    internal string? Open(PasskeyPurpose purpose, string holder, string? challenge)
    {
        try
        {
            var parts = ProtectorOf(purpose, holder).Unprotect(challenge ?? "").Split(' ', 2);
            var age = clock.GetUtcNow().Ticks - long.Parse(parts[0], CultureInfo.InvariantCulture);
            return age < Lifetime.Ticks ? parts[1] : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Marks a challenge as used, after its answer was found to be right. Wrong answers need not be remembered.</summary>
    /// <returns>False: it was used before.</returns>
    internal bool TryUse(string state) =>
        used.TryUse("passkey", Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(state))), clock.GetUtcNow().UtcDateTime + Lifetime);

    private IDataProtector ProtectorOf(PasskeyPurpose purpose, string holder) => _protection.CreateProtector(ProtectionPurpose).CreateProtector(purpose.ToString(), holder);
}
