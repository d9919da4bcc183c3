using System.Globalization;
using Portal.Bench.Seeds;

namespace Portal.Bench.Parts;

/// <summary>A list to request.</summary>
/// <param name="Words">The description in the table.</param>
/// <param name="Query">The query without limit and offset.</param>
/// <param name="Place">The position of the page in the list: 0 is the beginning, 1 the end.</param>
/// <param name="IsBound">Whether the number of tokens must not affect the time.</param>
internal sealed record ListQuestion(string Words, string Query, double Place = 0, int Limit = 20, bool IsBound = true)
{
    public static IEnumerable<ListQuestion> For(DateTime now)
    {
        // Long enough for a full page with a thousand tokens too. Otherwise a full page would be compared with an empty one.
        string Day(int days) => now.AddDays(days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string[] ids = [.. Enumerable.Range(0, 3).Select(i => SeededKeys.At(i).Handle)];
        return
        [
            new("no filter", ""),
            new("no filter, 1,000 per page", "", Limit: 1_000),
            new("no filter, in the middle", "", Place: 0.5, IsBound: false),
            new("no filter, at the end", "", Place: 1),
            .. Bound(
                $"id={ids[1]}", $"in(id,({string.Join(',', ids)}))", "like(id,SU-123-4*)", "name=Seeded 0", "like(name,Order sync Lisbon*)",
                "external_id=ERP-00000017", "like(external_id,ERP-000000*)", "extension.id=EXT-003", "extension.name=flowgear",
                "status=active", "in(status,(active,expiring))", "status=expiring", "status=expired", "status=revitalised", "status=inactive", "status=deleted",
                "status=active&extension.id=EXT-003",
                $"ge(expiration_date,{Day(30)})&lt(expiration_date,{Day(60)})", $"ge(expiration_date,{Day(90)})&lt(expiration_date,{Day(270)})", "expiration_date=null()",
                $"ge(events.created.at,{Day(-230)})&lt(events.created.at,{Day(-200)})", $"ge(events.created.at,{Day(-300)})",
                "permissions.id=MD-0005", "permissions.id=MD-0013",
                "ordering(events.created.at)", "ordering(-events.created.at)", "ordering(extension.id)", "ordering(-extension.id)",
                "ordering(id)", "ordering(-id)", "ordering(name)", "ordering(-name)"),
            .. Bound(
                "ordering(expiration_date)", "ordering(-expiration_date)", "ordering(status)", "ordering(-status)",
                "ilike(name,*osaka 77*)", "search=lyon 777").Select(question => question with { IsBound = false }),
        ];
    }

    private static IEnumerable<ListQuestion> Bound(params IEnumerable<string> queries) => queries.Select(query => new ListQuestion($"`{query}`", query));
}
