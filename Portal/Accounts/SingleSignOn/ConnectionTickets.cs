using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Portal.Access;

namespace Portal.Accounts.SingleSignOn;

/// <summary>Tickets that prove that the person themselves began to connect a provider. Without them, a link on another site could connect the user with
/// someone else's account at the provider. They are no secret: a ticket only works in the session for which it was issued.</summary>
public sealed class ConnectionTickets(IDataProtectionProvider protection, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);
    private readonly IDataProtector _protector = protection.CreateProtector("Portal.Accounts.SingleSignOn.ConnectionTickets.v1");

    internal string Issue(Actor actor, SignInProvider provider) => ProtectorOf(actor, provider).Protect(clock.GetUtcNow().Ticks.ToString(CultureInfo.InvariantCulture));

    internal bool IsValid(string? ticket, Actor actor, SignInProvider provider)
    {
        try
        {
            return ticket is { Length: > 0 and < 1024 }
                && long.TryParse(ProtectorOf(actor, provider).Unprotect(ticket), NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
                && clock.GetUtcNow().Ticks - ticks < Lifetime.Ticks;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private IDataProtector ProtectorOf(Actor actor, SignInProvider provider) => _protector.CreateProtector(provider.Name, actor.Id, actor.SessionId ?? actor.SecurityStamp ?? "");
}
