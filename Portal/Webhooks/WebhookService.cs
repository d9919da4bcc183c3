using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Portal.Access;
using Portal.Audit;
using Portal.Data;
using Portal.Localization;

namespace Portal.Webhooks;

/// <summary>Changes the endpoints to which Portal sends events. <see cref="WebhookReader"/> reads them.</summary>
/// <remarks>Only administrators may. A person proves who they are first, because an endpoint sends data out of Portal.</remarks>
public sealed partial class WebhookService(
    IDbContextFactory<PortalDbContext> contexts, WriteQueue writes, WebhookRules rules, WebhookSecretProtector protector, AuditLog audit, AccessControl access, TimeProvider clock)
{
    /// <summary>The codes of audit entries. The target is the ID of an endpoint, and its name is the origin of the address.</summary>
    public const string Created = "webhook.created", Updated = "webhook.updated", SecretRotated = "webhook.secret_rotated", Disabled = "webhook.disabled",
        Enabled = "webhook.enabled", Deleted = "webhook.deleted", Tested = "webhook.tested", Resent = "webhook.resent";

    /// <summary>The maximum number of endpoints of an account.</summary>
    public const int MostEndpoints = 50;

    /// <summary>How long a former secret can still sign.</summary>
    public static readonly TimeSpan LongestOverlap = TimeSpan.FromDays(7);

    private const int DeletedAtOnce = 500;

    private DateTime Now => WholeSeconds.Now(clock);

    /// <summary>Checks whether the actor may change endpoints now.</summary>
    /// <exception cref="AccessDeniedException">The actor isn't an administrator.</exception>
    /// <exception cref="ProofNeededException">The person must confirm who they are first.</exception>
    public async Task RequireAsync(Actor actor, CancellationToken cancellation = default) => await access.RequireProofAsync(actor, Role.Administrator, cancellation);

    /// <summary>Adds an endpoint. It receives the events of later changes.</summary>
    /// <returns>Done with the secret, Invalid, or Refused if there are too many.</returns>
    public async Task<WebhookOutcome> AddAsync(Actor actor, WebhookInput input, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, cancellation);
        if (rules.Check(input, out var clean) is { Count: > 0 } faults)
            return new WebhookOutcome.Invalid(faults);
        var secret = WebhookSecret.Create();
        return await WriteAsync(async (context, token) =>
        {
            if (await context.WebhookEndpoints.CountAsync(endpoint => endpoint.AccountId == actor.AccountId, token) >= MostEndpoints)
                return new WebhookOutcome.Refused(Texts.Webhooks_TooMany.With(MostEndpoints));
            var endpoint = new WebhookEndpoint
            {
                AccountId = actor.AccountId, Url = clean.Url!, Description = clean.Description, Events = WebhookChoice.Write(clean.Events), Extensions = WebhookChoice.Write(clean.Extensions),
                Secret = protector.Protect(secret), LastEntryId = await WebhookDispatcher.FindNewestAsync(context, token) ?? 0,
                CreatedAt = Now, CreatedById = actor.Id, CreatedByName = actor.Name, UpdatedAt = Now, UpdatedByName = actor.Name, Version = Guid.CreateVersion7(),
            };
            context.WebhookEndpoints.Add(endpoint);
            await context.SaveChangesAsync(token);
            Record(context, actor, Created, endpoint, new() { ["events"] = clean.Events, ["extensions"] = clean.Extensions });
            return new WebhookOutcome.Done(endpoint.Id) { Secret = WebhookSecret.Write(secret) };
        }, cancellation);
    }

    /// <param name="version">The version that the person has seen.</param>
    /// <returns>Done, Invalid, Changed or NotFound.</returns>
    public async Task<WebhookOutcome> EditAsync(Actor actor, long endpointId, Guid version, WebhookInput input, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, cancellation);
        return rules.Check(input, out var clean) is { Count: > 0 } faults
            ? new WebhookOutcome.Invalid(faults)
            : await ChangeAsync(actor, endpointId, (context, endpoint, _) =>
            {
                if (endpoint.Version != version)
                    return Task.FromResult<WebhookOutcome>(new WebhookOutcome.Changed());
                var (events, extensions) = (WebhookChoice.Write(clean.Events), WebhookChoice.Write(clean.Extensions));
                if ((endpoint.Url, endpoint.Description, endpoint.Events, endpoint.Extensions) == (clean.Url, clean.Description, events, extensions))
                    return Task.FromResult<WebhookOutcome>(new WebhookOutcome.Done(endpointId));
                var details = new Dictionary<string, object?>
                {
                    ["origin"] = new { before = WebhookUrl.OriginOf(endpoint.Url), after = WebhookUrl.OriginOf(clean.Url!) }, ["url_changed"] = endpoint.Url != clean.Url,
                    ["events"] = new { before = endpoint.Events, after = events }, ["extensions"] = new { before = endpoint.Extensions, after = extensions },
                };
                // The failures of the former address don't count.
                if (endpoint.Url != clean.Url)
                    endpoint.FailingSince = null;
                (endpoint.Url, endpoint.Description, endpoint.Events, endpoint.Extensions) = (clean.Url!, clean.Description, events, extensions);
                Record(context, actor, Updated, endpoint, details);
                return Task.FromResult<WebhookOutcome>(new WebhookOutcome.Done(endpointId));
            }, cancellation);
    }

    /// <summary>Replaces the secret. The former one also signs during the overlap.</summary>
    /// <param name="overlap">Zero: it ends at once. At most <see cref="LongestOverlap"/>.</param>
    /// <param name="version">The version that the person has seen, so that two people don't replace it at once.</param>
    /// <returns>Done with the secret, Invalid, Changed or NotFound.</returns>
    public async Task<WebhookOutcome> RotateAsync(Actor actor, long endpointId, Guid version, TimeSpan overlap, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, cancellation);
        if (overlap < TimeSpan.Zero || overlap > LongestOverlap)
            return new WebhookOutcome.Invalid([new WebhookError(WebhookField.Overlap, Texts.Webhooks_OverlapTooLong.With(LongestOverlap.Days))]);
        var secret = WebhookSecret.Create();
        return await ChangeAsync(actor, endpointId, (context, endpoint, _) =>
        {
            if (endpoint.Version != version)
                return Task.FromResult<WebhookOutcome>(new WebhookOutcome.Changed());
            DateTime? ends = overlap == TimeSpan.Zero ? null : Now + overlap;
            (endpoint.PreviousSecret, endpoint.PreviousEndsAt) = ends is null ? (null, null) : (endpoint.Secret, ends);
            endpoint.Secret = protector.Protect(secret);
            Record(context, actor, SecretRotated, endpoint, new() { ["previous_ends"] = ends });
            return Task.FromResult<WebhookOutcome>(new WebhookOutcome.Done(endpointId) { Secret = WebhookSecret.Write(secret) });
        }, cancellation);
    }

    /// <summary>Switches the endpoint on. It receives the events of later changes, and those that already waited for it.</summary>
    public async Task<WebhookOutcome> EnableAsync(Actor actor, long endpointId, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, cancellation);
        return await ChangeAsync(actor, endpointId, async (context, endpoint, token) =>
        {
            if (endpoint.DisabledAt is null)
                return new WebhookOutcome.Done(endpointId);
            (endpoint.DisabledAt, endpoint.DisabledReason, endpoint.FailingSince) = (null, null, null);
            endpoint.LastEntryId = await WebhookDispatcher.FindNewestAsync(context, token) ?? 0;
            Record(context, actor, Enabled, endpoint, []);
            return new WebhookOutcome.Done(endpointId);
        }, cancellation);
    }

    /// <summary>Switches the endpoint off. What already waits for it is sent when it is switched on again.</summary>
    public async Task<WebhookOutcome> DisableAsync(Actor actor, long endpointId, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, cancellation);
        return await ChangeAsync(actor, endpointId, (context, endpoint, _) =>
        {
            if (endpoint.DisabledAt is null)
            {
                endpoint.DisabledAt = Now;
                Record(context, actor, Disabled, endpoint, []);
            }

            return Task.FromResult<WebhookOutcome>(new WebhookOutcome.Done(endpointId));
        }, cancellation);
    }

    /// <summary>Removes the endpoint with its deliveries.</summary>
    public async Task<WebhookOutcome> DeleteAsync(Actor actor, long endpointId, CancellationToken cancellation = default)
    {
        await RequireAsync(actor, cancellation);
        await RemoveDeliveriesAsync(actor, endpointId, cancellation);
        return await ChangeAsync(actor, endpointId, (context, endpoint, _) =>
        {
            context.WebhookEndpoints.Remove(endpoint);
            Record(context, actor, Deleted, endpoint, []);
            return Task.FromResult<WebhookOutcome>(new WebhookOutcome.Done(endpointId));
        }, cancellation);
    }

    /// <summary>The target of audit entries about the endpoint.</summary>
    internal static string TargetOf(long endpointId) => endpointId.ToString(CultureInfo.InvariantCulture);

    /// <summary>A few at a time, because there may be very many.</summary>
    private async Task RemoveDeliveriesAsync(Actor actor, long endpointId, CancellationToken cancellation)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellation);
        if (!await context.WebhookEndpoints.AnyAsync(endpoint => endpoint.Id == endpointId && endpoint.AccountId == actor.AccountId, cancellation))
            return;
        while (await context.WebhookDeliveries.Where(delivery => delivery.EndpointId == endpointId).OrderBy(delivery => delivery.Id).Select(delivery => delivery.Id)
            .Take(DeletedAtOnce).ToListAsync(cancellation) is { Count: > 0 } ids)
            await writes.RunUpkeepAsync(token => context.WebhookDeliveries.Where(delivery => ids.Contains(delivery.Id)).ExecuteDeleteAsync(token), cancellation);
    }

    private void Record(PortalDbContext context, Actor actor, string action, WebhookEndpoint endpoint, Dictionary<string, object?> details) =>
        audit.Add(context, actor, action, TargetOf(endpoint.Id), WebhookUrl.OriginOf(endpoint.Url), details);

    /// <summary>Loads an endpoint of the account, changes it and commits. No other change can happen in between.</summary>
    private Task<WebhookOutcome> ChangeAsync(
        Actor actor, long endpointId, Func<PortalDbContext, WebhookEndpoint, CancellationToken, Task<WebhookOutcome>> change, CancellationToken cancellation) =>
        WriteAsync(async (context, token) =>
        {
            if (await context.WebhookEndpoints.SingleOrDefaultAsync(endpoint => endpoint.Id == endpointId && endpoint.AccountId == actor.AccountId, token) is not { } endpoint)
                return new WebhookOutcome.NotFound();
            var outcome = await change(context, endpoint, token);
            if (outcome is WebhookOutcome.Done && context.Entry(endpoint).State == EntityState.Modified)
                (endpoint.UpdatedAt, endpoint.UpdatedByName, endpoint.Version) = (Now, actor.Name, Guid.CreateVersion7());
            return outcome;
        }, cancellation);

    private Task<WebhookOutcome> WriteAsync(Func<PortalDbContext, CancellationToken, Task<WebhookOutcome>> write, CancellationToken cancellation) =>
        writes.RunAsync(async token =>
        {
            await using var context = await contexts.CreateDbContextAsync(token);
            await using var transaction = await context.Database.BeginTransactionAsync(token);
            var outcome = await write(context, token);
            if (outcome is not WebhookOutcome.Done)
                return outcome;
            await context.SaveChangesAsync(token);
            await transaction.CommitAsync(token);
            return outcome;
        }, cancellation);
}
