using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portal.Access;
using Portal.Authentication;
using Portal.Tokens;
using Portal.Wire;

namespace Portal.Api.Idempotency;

/// <summary>Processes requests with the same <c>Idempotency-Key</c> only once, and sends the same response to each.</summary>
/// <remarks>The response is stored in the transaction of the change. A completed change is therefore always remembered, even if the process
/// or the connection fails afterwards, and a refused or failed request never is. Requests in progress are tracked in memory. If another node
/// processes the same one, its response is found in the turn of the change.</remarks>
internal sealed class IdempotentRequests(IdempotentResponses remembered, TokenService tokens)
{
    private readonly ConcurrentDictionary<string, bool> _running = new();

    /// <summary>A filter for endpoints that create keys. They store the response with the change, see <see cref="IdempotentRequest"/>.</summary>
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
        while (true)
        {
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
            content.Position = 0;
            try
            {
                var result = await next(invocation);
                // Exactly the response that a retry gets, even if the token has been changed again since.
                return result is Refusal || call.Answer is not { } answer ? result : answer.ToResult(context.Response);
            }
            catch (AnsweredEarlierException)
            {
                // Repeat the response of the other node.
            }
        }
    }

    /// <summary>Repeats the response if the caller may still make the change: its modules, or those of the token, may have changed.</summary>
    private async Task<IResult> RepeatAsync(HttpContext context, Actor actor, string handle, StoredResponse answer)
    {
        if (await tokens.CheckReachAsync(actor, handle, context.RequestAborted) is { } beyond)
            return TokenAnswers.RefusalFor(beyond, handle)!;
        context.Response.Headers[IdempotencyKey.ReplayedName] = "true";
        return answer.ToResult(context.Response);
    }

    /// <summary>The ID of a request. It includes the token, so that tokens don't share idempotency keys.</summary>
    private static byte[] IdOf(Actor actor, string key) => SHA256.HashData(Encoding.UTF8.GetBytes($"{actor.AccountId}\n{actor.Id}\n{key}"));

    /// <summary>A hash of method, path, query and decoded body, because a retry may compress the same content differently. The body can be
    /// read again afterwards.</summary>
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
