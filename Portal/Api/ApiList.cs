using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Portal.Api.Rql;
using Portal.Authentication;

namespace Portal.Api;

/// <summary>What all lists of the API have in common: the query, its faults, the range and the choice of fields.</summary>
internal static class ApiList
{
    /// <param name="own">Names in the query string that the endpoint takes for itself.</param>
    /// <returns>Null: the query can be read.</returns>
    public static Refusal? Read(HttpRequest request, out RqlQuery query, params IReadOnlyCollection<string> own)
    {
        var isGood = RqlParser.TryParse(request.QueryString.Value, out var parsed, out var error, own);
        query = parsed!;
        return isGood ? null : Refuse(error!);
    }

    public static Refusal Refuse(params IEnumerable<RqlError> errors) =>
        new(StatusCodes.Status400BadRequest, ErrorCodes.Invalid, [.. errors.Select(error => error.ToString())]);

    /// <summary>Answers from rows that are in memory.</summary>
    public static IResult Answer<T, TBody>(HttpContext context, IEnumerable<T> rows, RqlProperties<T> properties, Func<T, TBody> bodyOf)
    {
        if (Read(context.Request, out var query) is { } refusal)
            return refusal;
        if (properties.Apply(rows.AsQueryable(), query, out var asked) is { Count: > 0 } errors)
            return Refuse(errors);
        List<T> all = [.. asked];
        return Page(context, query, all[query.Window.Of(all.Count)].Select(bodyOf), all.Count);
    }

    /// <summary>Answers with the rows of the window.</summary>
    /// <param name="total">How many there are in all.</param>
    public static IResult Page<TBody>(HttpContext context, RqlQuery query, IEnumerable<TBody> bodies, int total)
    {
        context.Response.Headers.ContentRange = query.Window.ContentRange(total);
        return query.Select.Count == 0 ? TypedResults.Ok(bodies.ToArray()) : TypedResults.Ok(Cut(context, query.Select, bodies));
    }

    private static JsonArray Cut<TBody>(HttpContext context, IReadOnlyList<RqlSignedName> select, IEnumerable<TBody> bodies)
    {
        var format = context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var rows = JsonSerializer.SerializeToNode(bodies.ToArray(), format)!.AsArray();
        var wanted = select.Where(name => !name.Negative).Select(name => name.Name.Split('.')[0]).ToHashSet();
        foreach (var row in rows.OfType<JsonObject>())
        {
            foreach (var name in select.Where(name => name.Negative))
                Remove(row, name.Name.Split('.'));
            if (wanted.Count > 0)
                foreach (var name in row.Select(field => field.Key).Where(name => !wanted.Contains(name)).ToList())
                    row.Remove(name);
        }

        return rows;
    }

    private static void Remove(JsonObject row, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
            row.Remove(path[0]);
        else if (row[path[0]] is JsonObject within)
            Remove(within, path[1..]);
        else if (row[path[0]] is JsonArray several)
            foreach (var entry in several.OfType<JsonObject>())
                Remove(entry, path[1..]);
    }
}
