using Portal.Catalog;
using Portal.Data;
using Portal.Statistics;
using Portal.Tokens;

namespace Portal.Authentication;

/// <summary>Stands before everything below <see cref="BasePath"/>: lets through what comes with a key that may, refuses
/// the rest in the API's error form, and counts every request that came with a secret of a token.</summary>
/// <remarks>
/// The order of the checks is part of the product: key, token's state, address, module, rate, path. It is middleware and
/// not an authentication handler with policies, because it must see what handlers hide (the final status of a request,
/// refused or served) and because that costs a quarter of the throughput.
/// </remarks>
public sealed partial class ApiGate(
    RequestDelegate next, CredentialCache cache, PathOwners owners, RequestCounters counters, TimeProvider clock, ILogger<ApiGate> logger)
{
    public const string BasePath = "/public/v1";

    public async Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments(BasePath, StringComparison.OrdinalIgnoreCase, out var path))
        {
            await next(context);
            return;
        }

        try
        {
            await JudgeAsync(context, path.Value);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client went away; there is nobody to answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            LogFault(exception, context.Request.Method, context.Request.Path);
            await FaultOf(context).WriteAsync(context.Response);
        }
    }

    private async Task JudgeAsync(HttpContext context, string? path)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        // More than one header, or several values in one, is no key: ToString joins them and the form does not fit.
        var header = context.Request.Headers.Authorization.ToString();
        var credential = await FindAsync(header, context.RequestAborted);
        var match = Verify(header, credential, now);
        var owner = owners.Find(path);
        if (credential is null || match.State is SecretState.Wrong or SecretState.Retired)
        {
            if (match.State == SecretState.Retired)
                counters.Count(new CountKey(
                    credential!.TokenId, DateOnly.FromDateTime(now), owner.Module?.Id ?? "", StatusCodes.Status401Unauthorized, CountReason.RetiredKey));
            await Refusal.Unauthorized.WriteAsync(context.Response);
            return;
        }

        var refusal = CheckState(credential, match) ?? CheckModule(credential, owner) ?? CheckPath(owner, context.Request.Path);
        try
        {
            if (refusal is null)
                await PassAsync(context, credential, owner);
            else
                await refusal.WriteAsync(context.Response);
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            LogFault(exception, context.Request.Method, context.Request.Path);
            await FaultOf(context).WriteAsync(context.Response);
        }
        finally
        {
            counters.Count(
                new CountKey(credential.TokenId, DateOnly.FromDateTime(now), owner.Module?.Id ?? "", context.Response.StatusCode, refusal?.Code ?? ""),
                new Use(match.SecretId, now, context.Connection.RemoteIpAddress, owner.Module?.Id ?? ""));
        }
    }

    private Task PassAsync(HttpContext context, Credential credential, PathOwner owner)
    {
        context.Features.Set(new ApiCaller(credential, owner.Module));
        return next(context);
    }

    private ValueTask<Credential?> FindAsync(string header, CancellationToken cancellation)
    {
        if (!ApiKey.TryParse(header, out var handle, out _))
            return default;
        return cache.TryGet(handle, out var credential) ? new(credential) : cache.LoadAsync(handle.ToString(), cancellation);
    }

    /// <summary>Hashes what was sent even when there is nothing to compare it with: an unknown handle takes as long.</summary>
    private static SecretMatch Verify(string header, Credential? credential, DateTime now)
    {
        if (!ApiKey.TryParse(header, out var handle, out var secret))
            return default;
        Span<byte> hash = stackalloc byte[ApiKey.HashLength];
        ApiKey.ComputeHash(handle, secret, hash);
        return credential?.Match(hash, now) ?? default;
    }

    private static Refusal? CheckState(Credential credential, SecretMatch match) => credential.Status switch
    {
        StoredStatus.Deleted => NotUsable(credential, "was deleted. Ask its administrator for another one."),
        StoredStatus.Inactive => NotUsable(credential, "is disabled. Ask its administrator to enable it."),
        StoredStatus.Pending => NotUsable(credential, "is not active yet. Ask its administrator to enable it."),
        _ when match.State == SecretState.Expired => NotUsable(credential, "has expired. Ask its administrator to renew it."),
        _ => null,
    };

    private static Refusal NotUsable(Credential credential, string why) =>
        new(StatusCodes.Status401Unauthorized, ErrorCodes.TokenNotUsable, $"The token {credential.Handle} {why}");

    private static Refusal? CheckModule(Credential credential, PathOwner owner) =>
        owner.Module is { } module && !credential.MayUse(module)
            ? new(StatusCodes.Status403Forbidden, ErrorCodes.ModuleNotEnabled, $"The token {credential.Handle} may not use the module {module.Name}. Ask its administrator to enable it.")
            : null;

    private static Refusal? CheckPath(PathOwner owner, PathString path) =>
        owner.Known ? null : new(StatusCodes.Status404NotFound, ErrorCodes.NotFound, $"Nothing is served at {path}. Check the address.");

    private static Refusal FaultOf(HttpContext context)
    {
        context.Response.Clear();
        return new Refusal(
            StatusCodes.Status500InternalServerError, ErrorCodes.Internal, $"Portal met a fault of its own. Try again; if it stays, give its operator this number: {context.TraceIdentifier}.");
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFault(Exception exception, string method, string path);
}

/// <summary>Who calls the API, for the endpoints behind the gate: <c>context.Features.GetRequiredFeature&lt;ApiCaller&gt;()</c>.</summary>
/// <param name="Module">The module that owns the path; null: it is open to any valid token.</param>
public sealed record ApiCaller(Credential Credential, Module? Module);
