using Portal.Api.Rql;
using Portal.Wire;

namespace Portal.Api;

/// <summary>The common parts of all lists of the API: the query, its errors, the range and the selected fields.</summary>
internal static class ApiList
{
    /// <param name="own">The names in the query string that the endpoint itself reads.</param>
    /// <returns>The refusal; null: the query is valid.</returns>
    public static Refusal? Read(HttpRequest request, out RqlQuery query, params IReadOnlyCollection<string> own)
    {
        var isGood = RqlParser.TryParse(request.QueryString.Value, out var parsed, out var error, own);
        query = parsed!;
        return isGood ? null : Refuse(error!);
    }

    public static Refusal Refuse(params IEnumerable<RqlError> errors) =>
        new(StatusCodes.Status400BadRequest, ErrorCodes.Invalid, [.. errors.Select(error => error.ToString())]);

    /// <summary>Filters, sorts and pages rows that are in memory.</summary>
    public static IResult Answer<T, TBody>(HttpContext context, IEnumerable<T> rows, RqlProperties<T> properties, Func<T, TBody> bodyOf)
    {
        if (Read(context.Request, out var query) is { } refusal)
            return refusal;
        RqlError[] errors =
            [.. properties.Apply(rows.AsQueryable(), query, out var asked), .. SelectedFields.Check<TBody, T>(context, query, properties)];
        if (errors.Length > 0)
            return Refuse(errors);
        List<T> all = [.. asked];
        return Page(context, query, all[query.Window.Of(all.Count)].Select(bodyOf), all.Count);
    }

    /// <summary>Responds with the rows of one page.</summary>
    /// <param name="total">The number of rows on all pages.</param>
    public static IResult Page<TBody>(HttpContext context, RqlQuery query, IEnumerable<TBody> bodies, int total)
    {
        context.Response.Headers.ContentRange = query.Window.ContentRange(total);
        return query.Select.Count == 0 ? TypedResults.Ok(bodies.ToArray()) : TypedResults.Ok(SelectedFields.Cut(context, query, bodies));
    }
}
