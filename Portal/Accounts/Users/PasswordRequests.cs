using System.Globalization;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Accounts.SingleSignOn;
using Portal.Addresses;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Accounts.Users;

/// <summary>Mails people a link for a new password when they ask for it.</summary>
/// <remarks>A request is only noted. Whether the address belongs to a user is found out in the background, so neither the response nor its time reveals
/// which addresses exist.</remarks>
public sealed partial class PasswordRequests(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, ILookupNormalizer normalizer, OneTimeLinks links, LinkMails mails, SignInLimiter limiter, SignInProviders providers,
    AuditLog audit, TimeProvider clock, ILogger<PasswordRequests> logger) : BackgroundService
{
    /// <summary>The number of requests that wait. Further ones are dropped.</summary>
    internal const int MostWaiting = 200;

    private readonly Channel<Request> _waiting = Channel.CreateBounded<Request>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Whether people can ask for a link.</summary>
    public bool IsOn => mails.IsOn && providers.AllowPassword;

    /// <summary>Notes that someone asks for a link.</summary>
    /// <param name="address">The address of the client.</param>
    /// <returns>The time to wait if there were too many requests; null: it was noted.</returns>
    public async Task<TimeSpan?> AskAsync(string? email, IPAddress? address)
    {
        var text = email?.Trim() is { Length: <= AccountRules.LongestEmail } given && AccountRules.IsText(given) ? given : "";
        if ((await limiter.TryTakeResetAsync(address, SignInLimiter.KeyOf(normalizer.NormalizeEmail(text) ?? ""))).RetryAfter is { } wait)
            return wait;
        if (IsOn && text.Length > 0)
            _waiting.Writer.TryWrite(new Request(text, address, CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture));
        return null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var request in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await AnswerAsync(request, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNotSent(exception);
            }
        }
    }

    private async Task AnswerAsync(Request request, CancellationToken cancellation)
    {
        if (await writes.RunAsync(token => IssueAsync(request, token), cancellation) is not { } issued)
            return;
        var chosen = Languages.Find(issued.Language);
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = (chosen ?? request.Culture, chosen ?? request.Language);
        await mails.SendAsync(issued.Link, issuer: null, cancellation);
    }

    /// <returns>The link and the language that the user chose; null: the address belongs to no user who can sign in.</returns>
    private async Task<Issued?> IssueAsync(Request request, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        var normalized = normalizer.NormalizeEmail(request.Email);
        var user = await context.Users.SingleOrDefaultAsync(user => user.NormalizedEmail == normalized, cancellation);
        if (user is null || (user.LockoutEnabled && user.LockoutEnd > clock.GetUtcNow()))
            return null;
        // Users of a directory sign in there, by its rules. Access to their mail must not replace that.
        if (user.PasswordHash is null && await context.ScimUsers.AnyAsync(managed => managed.UserId == user.Id, cancellation))
            return null;
        var actor = new Actor(ActorKind.User, user.Id, user.DisplayName, user.AccountId, Role.Viewer) { Address = AddressNumber.Write(request.Address) };
        var link = await links.IssueForPasswordAsync(context, actor, user, cancellation, OneTimeLinks.LifetimeOfRequested);
        audit.Add(context, actor, AuditAction.PasswordLinkRequested, user.Id, user.DisplayName);
        await context.SaveChangesAsync(cancellation);
        return new Issued(link, user.Language);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A link for a new password could not be sent. The person can ask for another one")]
    private partial void LogNotSent(Exception exception);

    private sealed record Issued(IssuedLink Link, string? Language);

    private sealed record Request(string Email, IPAddress? Address, CultureInfo Culture, CultureInfo Language);
}
