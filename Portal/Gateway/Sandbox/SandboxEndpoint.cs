using Portal.Authentication;
using Portal.Wire;

namespace Portal.Gateway.Sandbox;

/// <summary>Responds for one path of a module with samples: with the list or one object. The samples can't be changed.</summary>
internal sealed class SandboxEndpoint(SampleCollection samples)
{
    private static readonly Refusal ReadOnly = new(
        StatusCodes.Status405MethodNotAllowed, ErrorCodes.MethodNotAllowed,
        "The sandbox is read-only. It answers GET and HEAD with sample data. To make changes, configure an upstream for the module.");

    public Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers["X-Sandbox"] = "true";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return ReadOnly.WriteAsync(context.Response);
        }

        var rest = context.Request.Path.Value.AsSpan(samples.Path.Length);
        return rest is [] or "/" ? AnswerList(context) : AnswerOne(context, rest is [.., '/'] ? rest[1..^1] : rest[1..]);
    }

    private Task AnswerOne(HttpContext context, ReadOnlySpan<char> id)
    {
        if (!samples.TryFind(id, out var sample))
            return NothingAt(context.Request.Path).WriteAsync(context.Response);
        return Answer(context, sample);
    }

    private Refusal NothingAt(PathString path) => new(
        StatusCodes.Status404NotFound, ErrorCodes.NotFound, $"The sandbox has no data at {path}. You can list its IDs at {samples.Path}.");

    private Task AnswerList(HttpContext context)
    {
        if (PageRange.Read(context.Request.Query, out var window) is { } refusal)
            return refusal.WriteAsync(context.Response);
        context.Response.Headers.ContentRange = window.ContentRange(samples.Count);
        var page = samples.Page(window.Of(samples.Count));
        return Answer(context, page);
    }

    private static Task Answer(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        ApiCaller.Of(context).Answer(body);
        return Task.CompletedTask;
    }
}
