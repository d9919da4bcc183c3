using Portal.Scim.Schema;

namespace Portal.Scim;

/// <summary>The endpoints of groups.</summary>
internal static class ScimGroupEndpoints
{
    public static Task ListAsync(HttpContext context) => AnswerAsync(context, ScimQuery.Read(context.Request, ScimSchemas.Group));

    public static async Task SearchAsync(HttpContext context) =>
        await AnswerAsync(context, ScimQuery.Read(await ScimBody.ReadAsync(context.Request, ScimSchemas.SearchRequest), ScimSchemas.Group));

    public static async Task GetAsync(HttpContext context)
    {
        var projection = ScimProjection.Read(context.Request, ScimSchemas.Group);
        var group = await Groups(context).FindAsync(ScimGate.ActorOf(context), ScimGate.IdOf(context), projection.Wants("members"), context.RequestAborted);
        await ScimResponse.WriteResourceAsync(context, StatusCodes.Status200OK, ScimGroupJson.Write(group, context.Request), projection);
    }

    public static async Task CreateAsync(HttpContext context)
    {
        var projection = ScimProjection.Read(context.Request, ScimSchemas.Group);
        var input = ScimGroupJson.Read(await ScimBody.ReadAsync(context.Request, ScimSchemas.GroupId));
        var group = await Groups(context).CreateAsync(ScimGate.ActorOf(context), input, context.RequestAborted);
        await ScimResponse.WriteResourceAsync(context, StatusCodes.Status201Created, ScimGroupJson.Write(group, context.Request), projection);
    }

    public static async Task ReplaceAsync(HttpContext context)
    {
        var input = ScimGroupJson.Read(await ScimBody.ReadAsync(context.Request, ScimSchemas.GroupId));
        var (group, projection) = await ChangeAsync(context, _ => input);
        await ScimResponse.WriteResourceAsync(context, StatusCodes.Status200OK, ScimGroupJson.Write(group, context.Request), projection);
    }

    /// <summary>Answers without the group, which may have thousands of members, unless the client names attributes.</summary>
    public static async Task PatchAsync(HttpContext context)
    {
        var operations = await ScimBody.ReadAsync(context.Request, ScimSchemas.PatchOp);
        var (group, projection) = await ChangeAsync(context, before =>
        {
            var resource = ScimGroupJson.Write(before, context.Request);
            ScimPatch.Apply(resource, operations, ScimSchemas.Group);
            return ScimGroupJson.Read(resource);
        });
        if (projection.Included is null)
            (context.Response.StatusCode, context.Response.Headers.ETag) = (StatusCodes.Status204NoContent, ScimResponse.TagOf(group.Version));
        else
            await ScimResponse.WriteResourceAsync(context, StatusCodes.Status200OK, ScimGroupJson.Write(group, context.Request), projection);
    }

    public static async Task DeleteAsync(HttpContext context)
    {
        await Groups(context).RemoveAsync(ScimGate.ActorOf(context), ScimGate.IdOf(context), ScimConditions.ReadIfMatch(context.Request), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<(ScimGroupRecord Group, ScimProjection Projection)> ChangeAsync(HttpContext context, Func<ScimGroupRecord, ScimGroupInput> change)
    {
        var projection = ScimProjection.Read(context.Request, ScimSchemas.Group);
        return (await Groups(context).ChangeAsync(
            ScimGate.ActorOf(context), ScimGate.IdOf(context), ScimConditions.ReadIfMatch(context.Request), change, context.RequestAborted), projection);
    }

    private static async Task AnswerAsync(HttpContext context, ScimQuery query)
    {
        // A filter may compare members even if the client doesn't want them.
        var groups = await Groups(context).ListAsync(
            ScimGate.ActorOf(context), query.KeyBy("displayName"), query.Filter is not null || query.Projection.Wants("members"), context.RequestAborted);
        await ScimResponse.WriteAsync(context, StatusCodes.Status200OK, query.Answer(groups, group => ScimGroupJson.Write(group, context.Request)));
    }

    private static ScimGroupService Groups(HttpContext context) => context.RequestServices.GetRequiredService<ScimGroupService>();
}
