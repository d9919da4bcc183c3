using Portal.Authentication.IpRules;
using Portal.Catalog;
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
    RequestDelegate next, CredentialCache cache, AddressRulesCache addresses, PathOwners owners, RequestCounters counters, TimeProvider clock,
    ILogger<ApiGate> logger)
{
    public const string BasePath = "/public/v1";

    /// <summary>Whether the request is for the API, and so for the gate. Case is ignored, as in routing.</summary>
    public static bool Guards(HttpContext context) => context.Request.Path.StartsWithSegments(BasePath, StringComparison.OrdinalIgnoreCase);

    /// <summary>Only for requests that it <see cref="Guards"/>.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await JudgeAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
        {
            // The client went away; there is nobody to answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await Fault(context, exception).WriteAsync(context.Response);
        }
    }

    private async Task JudgeAsync(HttpContext context)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var header = HeaderOf(context.Request);
        var credential = await FindAsync(header, context.RequestAborted);
        var match = Verify(header, credential, now);
        var owner = owners.Find(context.Request.Path.Value.AsSpan(BasePath.Length));
        if (credential is not null && match.State is SecretState.Live or SecretState.Expired)
        {
            var rules = await addresses.GetAsync(credential!.AccountId, context.RequestAborted);
            var addressAllowed = rules.Allow(credential.TokenId, context.Connection.RemoteIpAddress);
            await AnswerAsync(context, new Call(credential, match, owner, now, addressAllowed));
            return;
        }

        if (match.State == SecretState.Retired)
            counters.Count(KeyOf(new Call(credential!, match, owner, now, AddressAllowed: false), StatusCodes.Status401Unauthorized, CountReason.RetiredKey));
        await Refusals.Unauthorized.WriteAsync(context.Response);
    }

    private async Task AnswerAsync(HttpContext context, Call call)
    {
        var refusal = Check(call, context);
        if (refusal is not null)
        {
            // A module that refused the token was not used by it; the token and its key were.
            Count(context, call, refusal.StatusCode, refusal.Code, "");
            await refusal.WriteAsync(context.Response);
            return;
        }

        var caller = new ApiCaller(call.Credential, call.Owner.Module);
        Refusal? answer = null;
        try
        {
            answer = await PassAsync(context, caller);
        }
        finally
        {
            // Before the gate's own answer is written: whoever reads it finds it counted.
            Count(context, call, answer?.StatusCode ?? StatusOf(context), caller.Refusal?.Code ?? "", call.Owner.Module?.Id ?? "");
        }

        if (answer is not null && !context.Response.HasStarted)
            await answer.WriteAsync(context.Response);
    }

    /// <summary>The order of the checks, once the secret is known to be one of the token's. Null: may pass.</summary>
    private static Refusal? Check(in Call call, HttpContext context) =>
        call.Credential.RefusalFor(call.Match.State)
        ?? (call.AddressAllowed ? null : Refusals.AddressNotAllowed(call.Credential.Handle, context.Connection.RemoteIpAddress))
        ?? (call.Owner.Module is { } module && !call.Credential.MayUse(module) ? Refusals.ModuleNotEnabled(call.Credential.Handle, module) : null)
        // RATE_001, the limits of the token, comes here.
        ?? (call.Owner.Known ? null : Refusals.NothingAt(context.Request.Path));

    /// <returns>What is left to say, or to count, when nobody behind the gate gave a whole answer; else null.</returns>
    private async Task<Refusal?> PassAsync(HttpContext context, ApiCaller caller)
    {
        // The key has done its work: nobody behind the gate can pass it on or write it down.
        context.Request.Headers.Authorization = default;
        context.Features.Set(caller);
        try
        {
            await next(context);
            return caller.Refusal ?? (caller.AnsweredElsewhere ? null : Refusals.ForBareStatus(context));
        }
        catch (BadHttpRequestException exception) when (!context.Response.HasStarted)
        {
            context.Response.Clear();
            return Refusals.Unreadable(exception.StatusCode);
        }
        catch (Exception exception) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            return Fault(context, exception);
        }
    }

    private void Count(HttpContext context, in Call call, int status, string reason, string used) => counters.Count(
        KeyOf(call, status, reason), new Use(call.Match.SecretId, call.Now, context.Connection.RemoteIpAddress, used),
        admitted: call.AddressAllowed && reason != ErrorCodes.TokenNotUsable);

    private static CountKey KeyOf(in Call call, int status, string reason) =>
        new(call.Credential.TokenId, DateOnly.FromDateTime(call.Now), call.Owner.Module?.Id ?? "", status, reason);

    /// <summary>A client that left before it was answered saw no status; 200 would be a lie.</summary>
    private static int StatusOf(HttpContext context) =>
        context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted
            ? StatusCodes.Status499ClientClosedRequest
            : context.Response.StatusCode;

    /// <summary>Exactly one header: joining several could make a key out of an empty one and another.</summary>
    private static string HeaderOf(HttpRequest request) => request.Headers.Authorization is [{ } only] ? only : "";

    private ValueTask<Credential?> FindAsync(string header, CancellationToken cancellation)
    {
        if (!ApiKey.TryParse(header, out var handle, out _))
            return default;
        return cache.TryGet(handle, out var credential) ? new(credential) : cache.LoadAsync(handle.ToString(), cancellation);
    }

    /// <summary>Hashes and compares even when there is nothing to compare with: an unknown handle takes as long.</summary>
    private static SecretMatch Verify(string header, Credential? credential, DateTime now)
    {
        if (!ApiKey.TryParse(header, out var handle, out var secret))
            return default;
        Span<byte> hash = stackalloc byte[ApiKey.HashLength];
        ApiKey.ComputeHash(handle, secret, hash);
        return credential?.Match(hash, now) ?? Credential.MatchNobody(hash);
    }

    private Refusal Fault(HttpContext context, Exception exception)
    {
        LogFault(exception, context.Request.Method, context.Request.Path, context.TraceIdentifier);
        context.Response.Clear();
        return Refusals.Fault(context);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed; the client was given the number {Number}")]
    private partial void LogFault(Exception exception, string method, string path, string number);

    /// <summary>A request with a secret of a token.</summary>
    private readonly record struct Call(Credential Credential, SecretMatch Match, PathOwner Owner, DateTime Now, bool AddressAllowed);
}
