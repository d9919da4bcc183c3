using Portal.Api.Rql;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Api.Rql;

/// <summary>Each list supports exactly the queries that are documented.</summary>
public sealed class RqlPropertiesTests
{
    private const string Text = "eq ne like ilike in out", TextOrNull = Text + " null", Moment = "eq ne ge gt le lt in out";
    private static readonly string[] Lookups = ["eq", "ne", "lt", "le", "gt", "ge", "like", "ilike", "in", "out", "null"];

    private static readonly RqlProperties<Token> Tokens = TokenProperties.For(TestCatalog.Default, new StatusClock(TestPortal.Start, TestPortal.Start.AddDays(30)));

    [Theory]
    [InlineData("events.created.at", Moment, true)]
    [InlineData("events.created.by.id", TextOrNull, false)]
    [InlineData("events.created.by.name", TextOrNull, false)]
    [InlineData("expiration_date", Moment + " null", true)]
    [InlineData("extension.id", TextOrNull, true)]
    [InlineData("extension.name", Text, false)]
    [InlineData("external_id", TextOrNull, false)]
    [InlineData("id", TextOrNull, true)]
    [InlineData("name", TextOrNull, true)]
    [InlineData("permissions.id", TextOrNull, false)]
    [InlineData("permissions.object.id", Text, false)]
    [InlineData("status", Text, true)]
    public void Tokens_Property_IsAskedAsDocumented(string name, string lookups, bool ordered) => AssertAsDocumented(Tokens, name, lookups, ordered);

    [Theory]
    [InlineData("id", TextOrNull, true)]
    [InlineData("name", Text, true)]
    public void Modules_Property_IsAskedAsDocumented(string name, string lookups, bool ordered) => AssertAsDocumented(CatalogProperties.Modules, name, lookups, ordered);

    [Theory]
    [InlineData("categories.id", TextOrNull, false)]
    [InlineData("constraints.account.tokens", Moment, false)]
    [InlineData("external_id", TextOrNull, false)]
    [InlineData("featured", "eq ne", true)]
    [InlineData("id", TextOrNull, true)]
    [InlineData("industries.id", TextOrNull, false)]
    [InlineData("name", Text, true)]
    [InlineData("portal", Text, false)]
    [InlineData("priority", Moment, true)]
    [InlineData("status", Text, true)]
    [InlineData("system", "eq ne", false)]
    public void Extensions_Property_IsAskedAsDocumented(string name, string lookups, bool ordered) => AssertAsDocumented(CatalogProperties.Extensions, name, lookups, ordered);

    [Theory]
    [InlineData("id", TextOrNull, true)]
    [InlineData("object.id", Text, true)]
    public void Permissions_Property_IsAskedAsDocumented(string name, string lookups, bool ordered) => AssertAsDocumented(CatalogProperties.Permissions, name, lookups, ordered);

    [Theory]
    [InlineData("events.created.at", Moment, true)]
    [InlineData("external_id", Text, true)]
    [InlineData("id", TextOrNull, true)]
    [InlineData("name", Text, false)]
    [InlineData("public", "eq ne null", false)]
    [InlineData("role", Text, false)]
    [InlineData("type", Text, false)]
    public void Accounts_Property_IsAskedAsDocumented(string name, string lookups, bool ordered) => AssertAsDocumented(CatalogProperties.Accounts, name, lookups, ordered);

    [Theory]
    [InlineData("foo=x", "At character 1: There is no property \"foo\" to filter by. Use one of events.created.at, ")]
    [InlineData("name=x&(id=y|owner.id=z)", "At character 14: There is no property \"owner.id\" to filter by.")]
    [InlineData("description=x", "At character 1: There is no property \"description\"")]
    [InlineData("secret=x", "At character 1: There is no property \"secret\"")]
    [InlineData("Name=x", "At character 1: There is no property \"Name\"")]
    [InlineData("name=x&ordering(-foo)", "At character 17: The list can't be ordered by \"foo\". Order by one of events.created.at, expiration_date, extension.id, id, name, status.")]
    [InlineData("ordering(external_id)", "At character 10: The list can't be ordered by \"external_id\".")]
    [InlineData("gt(name,x)", "At character 1: name can't be compared with gt. Use one of eq, ne, like, ilike, in, out.")]
    [InlineData("not(like(expiration_date,2030*))", "At character 5: expiration_date can't be compared with like. Use one of eq, ne, lt, le, gt, ge, in, out.")]
    [InlineData("expiration_date=soon", "At character 17: \"soon\" is no value of expiration_date: write a date or a moment, such as 2030-01-15")]
    [InlineData("ge(events.created.at,2030-02-30)", "At character 22: \"2030-02-30\" is no value of events.created.at")]
    [InlineData("in(expiration_date,(2030-01-01,x))", "At character 32: \"x\" is no value of expiration_date")]
    [InlineData("expiration_date=2030-1-5", "At character 17: ")]
    [InlineData("expiration_date=2030-01-15T27:00:00", "At character 17: ")]
    [InlineData("expiration_date=2030-01-15T12:00:00K", "At character 17: ")]
    [InlineData("expiration_date=2030-01-15Z", "At character 17: ")]
    [InlineData("expiration_date=2030-01-15T12:00:00.", "At character 17: ")]
    [InlineData("expiration_date=0001-01-01T00:00:00+01:00", "At character 17: ")]
    [InlineData("expiration_date=\"2030-01-15%0A\"", "At character 17: ")]
    [InlineData("expiration_date=1798761600", "At character 17: ")]
    [InlineData("expiration_date=\"\"", "At character 17: \"\" is no value of expiration_date")]
    [InlineData("expiration_date=2030-01-15T12:00:00 01:00", "At character 17: ")]
    [InlineData("expiration_date=empty()", "At character 17: expiration_date can't be compared with empty().")]
    [InlineData("gt(expiration_date,null())", "At character 20: null() can only be compared with eq, ne, in and out.")]
    [InlineData("like(name,null())", "At character 11: null() can only be compared with")]
    [InlineData("ilike(name,empty())", "At character 12: empty() can only be compared with")]
    [InlineData("eq(status,null())", "At character 11: status can't be compared with null().")]
    [InlineData("in(extension.name,(a,null()))", "At character 22: extension.name can't be compared with null().")]
    [InlineData("status=gone", "At character 8: \"gone\" is none of its values: active, expiring, revitalised, expired, pending, inactive, deleted.")]
    [InlineData("in(status,(active,Expired))", "At character 19: \"Expired\" is none of its values")]
    [InlineData("status=empty()", "At character 8: status can't be compared with empty().")]
    [InlineData("like(name,a**b)", "At character 11: Two asterisks can't follow each other")]
    [InlineData("like(name,**)", null)]
    public void Tokens_WhatIsNotDocumented_IsRefusedWithItsPlace(string query, string? expected)
    {
        Assert.True(RqlParser.TryParse(query, out var parsed, out _));
        var errors = Tokens.Apply(Array.Empty<Token>().AsQueryable(), parsed, out _);

        Assert.StartsWith(expected ?? "At character 11: Two asterisks", Assert.Single(errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Tokens_SeveralFaults_AreAllTold()
    {
        Assert.True(RqlParser.TryParse("foo=x&gt(name,y)&expiration_date=z&ordering(bar)", out var parsed, out _));

        Assert.Equal([1, 7, 34, 45], Tokens.Apply(Array.Empty<Token>().AsQueryable(), parsed, out _).Select(error => error.Position));
    }

    [Theory]
    [InlineData("2030-01-15", "2030-01-15T00:00:00Z")]
    [InlineData("2030-01-15T12:00", "2030-01-15T12:00:00Z")]
    [InlineData("2030-01-15T12:00:00", "2030-01-15T12:00:00Z")]
    [InlineData("2030-01-15T12:00:00Z", "2030-01-15T12:00:00Z")]
    [InlineData("2030-01-15 12:00:00", "2030-01-15T12:00:00Z")]
    [InlineData("2030-01-15T12:00:00+00:00", "2030-01-15T12:00:00Z")]
    [InlineData("2030-01-15T15:00:00+03:00", "2030-01-15T12:00:00Z")]
    [InlineData("2030-01-15T15:00:00.5%2B03:00", "2030-01-15T12:00:00.5Z")]
    [InlineData("2030-01-15T07:30:00.123456-05:00", "2030-01-15T12:30:00.123456Z")]
    [InlineData("2030-01-15T12:00:00.1234567Z", "2030-01-15T12:00:00.1234567Z")]
    [InlineData("2030-01-15t12:00:00z", "2030-01-15T12:00:00Z")]
    [InlineData("2030-01-15T14:00:00+0200", "2030-01-15T12:00:00Z")]
    [InlineData("2030-01-15T10:00-02", "2030-01-15T12:00:00Z")]
    [InlineData("2030-01-15T12:00:00.123456789Z", "2030-01-15T12:00:00.1234567Z")]
    [InlineData("2030-01-15T17:30:00.25%2B05:30", "2030-01-15T12:00:00.25Z")]
    public void Moment_EveryForm_IsReadInUtc(string written, string expected)
    {
        Assert.True(RqlParser.TryParse($"events.created.at={written}", out var parsed, out _));
        var at = DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture).UtcDateTime;
        var accounts = new[] { at.AddTicks(-1), at, at.AddTicks(1) }.Select(moment => new Portal.Accounts.AccountSummary("PA", "Main", moment));

        Assert.Empty(CatalogProperties.Accounts.Apply(accounts.AsQueryable(), parsed, out var found));
        Assert.Equal(at, Assert.Single(found).CreatedAt);
    }

    private static void AssertAsDocumented<T>(RqlProperties<T> properties, string name, string lookups, bool ordered)
    {
        var documented = lookups.Split(' ');
        var value = documented.Contains("ge") ? name.Contains("date", StringComparison.Ordinal) || name.Contains("created", StringComparison.Ordinal) ? "2030-01-15" : "1"
            : !documented.Contains("in") ? "true"
            : name switch { "status" when typeof(T) == typeof(Token) => "active", "status" => "draft", "portal" => "any", "role" or "type" => "Vendor", _ => "x" };
        foreach (var lookup in Lookups)
        {
            var query = lookup switch { "in" or "out" => $"{lookup}({name},({value}))", "null" => $"{name}=null()", _ => $"{lookup}({name},{value})" };
            Assert.Equal((query, documented.Contains(lookup)), (query, Accepts(query)));
        }

        Assert.Equal(ordered, Accepts($"ordering({name})"));

        bool Accepts(string query)
        {
            Assert.True(RqlParser.TryParse(query, out var parsed, out _));
            return properties.Apply(Array.Empty<T>().AsQueryable(), parsed, out _).Count == 0;
        }
    }
}
