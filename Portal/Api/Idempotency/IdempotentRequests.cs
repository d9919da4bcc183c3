using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portal.Access;
using Portal.Authentication;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Api.Idempotency;

/// <summary>Sees to it that a call which comes twice with the same <c>Idempotency-Key</c> is done once, and answered the same.</summary>
/// <remarks>The answer is written in the change's own transaction: what was done is remembered, whatever happens to the process or the
/// connection afterwards, and what was refused or failed is not. Nothing but this process writes to the database, so who is
/// still at work is known from memory.</remarks>
internal sealed class IdempotentRequests(IdempotentResponses remembered, TokenService tokens)
{
    private readonly ConcurrentDictionary<string, bool> _running = new();

    /// <summary>For endpoints that make keys: each remembers with its change what <see cref="IdempotentRequest"/> says.</summary>
    public static ValueTask<object?> FilterAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        invocation.HttpContext.Request.Headers.ContainsKey(IdempotencyKey.HeaderName)
            ? invocation.HttpContext.RequestServices.GetRequiredService<IdempotentRequests>().RunAsync(invocation, next)
            : next(invocation);

    private async ValueTask<object?> RunAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        var context = invocation.HttpContext;
        if (IdempotencyKey.Parse(context.Request.Headers[IdempotencyKey.HeaderName]) is not { } key)
            return IdempotencyRefusals.Malformed;
        var actor = (await ApiActor.BindAsync(context)).Actor;
        var id = IdOf(actor, key);
        var name = Convert.ToHexString(id);
        if (!_running.TryAdd(name, true))
            return IdempotencyRefusals.Running;
        try
        {
            return await AnswerAsync(invocation, next, actor, id, new ResponseSeal(ApiCaller.Of(context), id, key));
        }
        finally
        {
            _running.TryRemove(name, out _);
        }
    }

    private async Task<object?> AnswerAsync(
        EndpointFilterInvocationContext invocation, EndpointFilterDelegate next, Actor actor, byte[] id, ResponseSeal seal)
    {
        var (context, cancellation) = (invocation.HttpContext, invocation.HttpContext.RequestAborted);
        var (content, unreadable) = await RequestBody.ReadAsync(context.Request, cancellation);
        if (unreadable is not null)
            return unreadable;
        var request = Fingerprint(context.Request, content);
        IReadOnlyList<string>? items = null;
        if (await remembered.FindAsync(id, cancellation) is { } earlier)
        {
            if (!earlier.Request.AsSpan().SequenceEqual(request))
                return IdempotencyRefusals.Reused;
            if (seal.Open(earlier.Answer) is not { } answered)
                return IdempotencyRefusals.ForAnotherKey(actor.Id, earlier.Handle);
            if (earlier.Handle is { } handle)
                return await RepeatAsync(context, actor, handle, StoredResponse.Of(answered));
            context.Response.Headers[IdempotencyKey.ReplayedName] = "true";
            items = JsonSerializer.Deserialize<string[]>(answered);
        }

        var call = new IdempotentRequest(remembered, id, request, seal) { Items = items };
        context.Features.Set(call);
        var result = await next(invocation);
        // To the letter what a repeat will get, also if the token has been changed again since.
        return result is Refusal || call.Answer is not { } answer ? result : answer.ToResult(context.Response);
    }

    /// <summary>The caller must still be allowed what it did: its modules, or the token's, may be others by now.</summary>
    private async Task<IResult> RepeatAsync(HttpContext context, Actor actor, string handle, StoredResponse answer)
    {
        if (await tokens.CheckReachAsync(actor, handle, context.RequestAborted) is { } beyond)
            return TokenAnswers.RefusalFor(beyond, handle)!;
        context.Response.Headers[IdempotencyKey.ReplayedName] = "true";
        return answer.ToResult(context.Response);
    }

    /// <summary>Each token has idempotency keys of its own.</summary>
    private static byte[] IdOf(Actor actor, string key) => SHA256.HashData(Encoding.UTF8.GetBytes($"{actor.AccountId}\n{actor.Id}\n{key}"));

    /// <summary>Method, path, query and body, decoded: the same content may be compressed in another way. The body can be read again
    /// afterwards.</summary>
    private static byte[] Fingerprint(HttpRequest request, MemoryStream body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method}\n{request.Path.Value?.TrimEnd('/')}\n{request.QueryString}\n"));
        hash.AppendData(body.GetBuffer(), 0, (int)body.Length);
        body.Position = 0;
        request.Body = body;
        return hash.GetHashAndReset();
    }
}
