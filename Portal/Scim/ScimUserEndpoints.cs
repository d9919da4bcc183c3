using Portal.Scim.Schema;

namespace Portal.Scim;

/// <summary>The endpoints of users.</summary>
internal static class ScimUserEndpoints
{
    public static Task ListAsync(HttpContext context) => AnswerAsync(context, ScimQuery.Read(context.Request, ScimSchemas.User));

    public static async Task SearchAsync(HttpContext context) =>
        await AnswerAsync(context, ScimQuery.Read(await ScimBody.ReadAsync(context.Request, ScimSchemas.SearchRequest), ScimSchemas.User));

    public static async Task GetAsync(HttpContext context)
    {
        var projection = ScimProjection.Read(context.Request, ScimSchemas.User);
        var user = await Users(context).FindAsync(ScimGate.ActorOf(context), ScimGate.IdOf(context), context.RequestAborted);
        if (ScimConditions.IsKnown(context.Request, user.Version))
        {
            (context.Response.StatusCode, context.Response.Headers.ETag) = (StatusCodes.Status304NotModified, ScimResponse.TagOf(user.Version));
            return;
        }

        await ScimResponse.WriteResourceAsync(context, StatusCodes.Status200OK, ScimUserJson.Write(user, context.Request), projection);
    }

    public static async Task CreateAsync(HttpContext context)
    {
        var projection = ScimProjection.Read(context.Request, ScimSchemas.User);
        var input = ScimUserJson.Read(await ScimBody.ReadAsync(context.Request, ScimSchemas.UserId), null);
        var user = await Users(context).CreateAsync(ScimGate.ActorOf(context), input, context.RequestAborted);
        await ScimResponse.WriteResourceAsync(context, StatusCodes.Status201Created, ScimUserJson.Write(user, context.Request), projection);
    }

    public static async Task ReplaceAsync(HttpContext context)
    {
        var input = ScimUserJson.Read(await ScimBody.ReadAsync(context.Request, ScimSchemas.UserId), null);
        await ChangeAsync(context, _ => input);
    }

    public static async Task PatchAsync(HttpContext context)
    {
        var operations = await ScimBody.ReadAsync(context.Request, ScimSchemas.PatchOp);
        await ChangeAsync(context, before =>
        {
            var resource = ScimUserJson.Write(before, context.Request);
            ScimPatch.Apply(resource, operations, ScimSchemas.User);
            return ScimUserJson.ReadChanged(resource, before);
        });
    }

    public static async Task DeleteAsync(HttpContext context)
    {
        await Users(context).RemoveAsync(ScimGate.ActorOf(context), ScimGate.IdOf(context), ScimConditions.ReadIfMatch(context.Request), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task ChangeAsync(HttpContext context, Func<ScimUserRecord, ScimUserInput> change)
    {
        var projection = ScimProjection.Read(context.Request, ScimSchemas.User);
        var user = await Users(context).ChangeAsync(
            ScimGate.ActorOf(context), ScimGate.IdOf(context), ScimConditions.ReadIfMatch(context.Request), change, context.RequestAborted);
        await ScimResponse.WriteResourceAsync(context, StatusCodes.Status200OK, ScimUserJson.Write(user, context.Request), projection);
    }

    private static async Task AnswerAsync(HttpContext context, ScimQuery query)
    {
        var users = await Users(context).ListAsync(ScimGate.ActorOf(context), query.KeyBy("userName"), context.RequestAborted);
        await ScimResponse.WriteAsync(context, StatusCodes.Status200OK, query.Answer(users, user => ScimUserJson.Write(user, context.Request)));
    }

    private static ScimUserService Users(HttpContext context) => context.RequestServices.GetRequiredService<ScimUserService>();
}
