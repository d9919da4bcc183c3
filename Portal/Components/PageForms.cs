using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http.Features;
using Portal.Localization;

namespace Portal.Components;

/// <summary>Shows the form again with an explanation if a posted form can't be accepted: it was open for too long, belongs to another session, is too
/// large, or isn't a form of the page.</summary>
internal static class PageForms
{
    /// <summary>The maximum size in bytes, far above what the largest of these forms needs.</summary>
    private const int LargestBody = 64 * 1024;

    /// <summary>The key of a value in the request's items: whether the form was too large; otherwise it had expired.</summary>
    private static readonly object FaultKey = new();

    /// <summary>The field with the name of the form, which Blazor adds to each form.</summary>
    private const string HandlerField = "_handler";

    private static readonly ConcurrentDictionary<Type, string[]> FormsByPage = new();

    /// <summary>The error of the posted form; null if there is none.</summary>
    public static string? FaultOf(HttpContext? context) => context?.Items[FaultKey] switch
    {
        true => Texts.PageForms_TooLarge,
        false => Texts.PageForms_Expired,
        _ => null,
    };

    /// <summary>Replaces the framework's antiforgery check, which responds with an empty 400.</summary>
    public static void UsePageForms(this IApplicationBuilder app)
    {
        app.Use((context, next) =>
        {
            if (IsPosted(context) && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
                limit.MaxRequestBodySize = LargestBody;
            return next(context);
        });
        app.UseAntiforgery();
        app.Use(async (context, next) =>
        {
            if (IsPosted(context) && await FindFaultAsync(context) is { } tooLarge)
                ShowAgain(context, tooLarge);
            await next(context);
        });
    }

    private static bool IsPosted(HttpContext context) =>
        HttpMethods.IsPost(context.Request.Method) && PageOf(context) is not null;

    /// <summary>The page of the request's endpoint; null if it has none. The endpoints of circuits belong to the root component, but to no page.</summary>
    private static Type? PageOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>()?.Type;

    /// <summary>Checks what the framework refuses with a text for developers: the request names exactly one form, and the page has this form.</summary>
    /// <returns>Whether the form is too large; null: the page can handle it.</returns>
    private static async Task<bool?> FindFaultAsync(HttpContext context)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false } check)
            return IsTooLarge(check.Error);
        if (!context.Request.HasFormContentType)
            return false;
        try
        {
            // If the antiforgery token is in a header, the form isn't read yet.
            var form = await context.Request.ReadFormAsync(context.RequestAborted);
            return form[HandlerField] is [{ } handler] && FormsByPage.GetOrAdd(PageOf(context)!, FormsOf).Contains(handler) ? null : false;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            return IsTooLarge(exception);
        }
    }

    private static string[] FormsOf(Type page) =>
        [.. page.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(property => property.GetCustomAttribute<SupplyParameterFromFormAttribute>()?.FormName).OfType<string>()];

    /// <summary>Renders the page as if it had been opened with a GET request.</summary>
    private static void ShowAgain(HttpContext context, bool tooLarge)
    {
        context.Request.Method = HttpMethods.Get;
        context.Response.StatusCode = tooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status400BadRequest;
        context.Items[FaultKey] = tooLarge;
    }

    private static bool IsTooLarge(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
            if (exception is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
                return true;
        return false;
    }
}
