using Portal.Api.Document;
using Portal.Authentication;
using Portal.Data.Nodes;
using Portal.Gateway.Assertions;
using Portal.Gateway.ForwardAuth;
using Portal.Scim;
using Portal.Wire;

namespace Portal.Hosting;

/// <summary>Refuses requests that aren't for the role of this node, and says where to send them.</summary>
internal static class RoleFilter
{
    /// <summary>Addresses for machines that every node answers. The page that shows the document of the API reads it from the same address.</summary>
    private static readonly PathString[] OfEveryNode = ["/health", PrometheusEndpoint.Path, JwksEndpoint.Path, ServedDocument.Path];

    private static readonly Refusal OnlyScreens = new(
        StatusCodes.Status404NotFound, ErrorCodes.NotFound, $"This node serves only pages for people. Send API requests to a node with {ProcessRoleSetting.Name} {ProcessRole.Gateway} or {ProcessRole.All}.");

    private static readonly string OnlyGateway =
        $"This node serves only API requests. Open the pages on a node with {ProcessRoleSetting.Name} {ProcessRole.Screens} or {ProcessRole.All}.";

    private static ScimException OnlyOthersServeScim => new(
        StatusCodes.Status404NotFound, null, $"This node serves only API requests. Send SCIM requests to a node with {ProcessRoleSetting.Name} {ProcessRole.Screens} or {ProcessRole.All}.");

    /// <summary>Call it before everything that answers requests. A node with all roles has no filter.</summary>
    public static void UseRole(this WebApplication app)
    {
        var role = ProcessRoleSetting.Load(app.Configuration);
        if (role == ProcessRole.All)
            return;
        app.Use((context, next) =>
            OfEveryNode.Any(path => context.Request.Path.StartsWithSegments(path)) || IsForPrograms(context) == (role == ProcessRole.Gateway) ? next(context)
            : role == ProcessRole.Screens ? OnlyScreens.WriteAsync(context.Response)
            : ScimExtensions.IsForScim(context) ? ScimResponse.WriteErrorAsync(context, OnlyOthersServeScim)
            : RefusePageAsync(context.Response));
    }

    private static bool IsForPrograms(HttpContext context) =>
        context.Request.Path.StartsWithSegments(ProxyStyle.Endpoint) || AuthenticationExtensions.IsForApi(context);

    private static Task RefusePageAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status404NotFound;
        response.ContentType = "text/plain; charset=utf-8";
        return response.WriteAsync(OnlyGateway);
    }
}
