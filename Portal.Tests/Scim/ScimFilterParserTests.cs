using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Portal.Scim;
using Portal.Scim.Filters;
using Portal.Scim.Schema;

namespace Portal.Tests.Scim;

public sealed class ScimFilterParserTests
{
    private static readonly Config TenThousand = Config.QuickThrowOnFailure.WithMaxTest(10_000).WithReplay(7, 9);

    /// <summary>Parts of filters, valid and invalid.</summary>
    private static readonly Gen<string> Parts = Gen.Elements(
        "userName", "emails", "emails.value", "name.givenName", "active", "meta.created", "title", "urn:ietf:params:scim:schemas:core:2.0:User:userName", "urn:x", "a", ".", ":",
        " eq ", " ne ", " co ", " pr", " gt ", " and ", " or ", "not ", "not(", "(", ")", "[", "]", "\"", "\"a\"", "\"\\u0041\"", "\"\\ud800\"", "\"\\", "true", "null", "1.5", "-", " ", "\0", "\uD800", "ä",
        "emails[type eq \"work\"]", "userName eq \"a\"");

    private readonly JsonObject _user = JsonNode.Parse(
        """
        {"id":"7","userName":"Babs@example.com","externalId":"B","displayName":"Barbara","active":true,"name":{"givenName":"Barbara","familyName":"Jensen"},
        "emails":[{"value":"babs@example.com","type":"work","primary":true},{"value":"babs@jensen.org","type":"home"}],"meta":{"created":"2026-05-13T04:42:34Z"}}
        """, new JsonNodeOptions { PropertyNameCaseInsensitive = true })!.AsObject();

    [Theory]
    [InlineData("userName eq \"babs@EXAMPLE.com\"", true)]
    [InlineData("USERNAME EQ \"babs@example.com\"", true)]
    [InlineData("urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"babs\"", true)]
    [InlineData("externalId eq \"b\"", false)]
    [InlineData("externalId eq \"B\"", true)]
    [InlineData("externalId ne \"b\"", true)]
    [InlineData("userName co \"example\" and active eq true", true)]
    [InlineData("userName ew \".org\"", false)]
    [InlineData("active eq \"True\"", true)]
    [InlineData("active ne true", false)]
    [InlineData("name.familyName gt \"jam\"", true)]
    [InlineData("name.familyName lt \"jam\"", false)]
    [InlineData("name pr", true)]
    [InlineData("name.middleName pr", false)]
    [InlineData("title pr", false)]
    [InlineData("title eq null", true)]
    [InlineData("userName ne null", true)]
    [InlineData("not (title pr)", true)]
    [InlineData("not(title pr) and (userName eq \"x\" or displayName eq \"barbara\")", true)]
    [InlineData("userName eq \"x\" or title pr and active eq true", false)]
    [InlineData("userName eq \"x\" or active eq true and displayName pr", true)]
    [InlineData("emails pr", true)]
    [InlineData("emails eq \"babs@jensen.org\"", true)]
    [InlineData("emails.type eq \"home\"", true)]
    [InlineData("emails.value co \"jensen\"", true)]
    [InlineData("emails[type eq \"work\" and value co \"@example.com\"]", true)]
    [InlineData("emails[type eq \"work\" and value co \"jensen\"]", false)]
    [InlineData("userType eq \"Employee\" and (emails co \"example.com\" or emails.value co \"example.org\")", false)]
    [InlineData("userType ne \"Employee\" and not (emails co \"example.net\")", true)]
    [InlineData("emails[not (primary eq true)] or ims[type eq \"xmpp\" and value co \"@foo.com\"]", true)]
    [InlineData("meta.created ge \"2011-05-13T04:42:34Z\"", true)]
    [InlineData("meta.created eq \"2026-05-13T06:42:34+02:00\"", true)]
    [InlineData("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"Sales\"", false)]
    [InlineData("displayName eq \"Barb\\u0061ra\"", true)]
    public void Matches_ValidFilter_ComparesAsTheSchemaSays(string text, bool expected)
    {
        Assert.True(ScimFilterParser.TryParse(text, ScimSchemas.User, out var filter, out var error), error);
        Assert.Equal(expected, filter.Matches(_user));
    }

    [Theory]
    [InlineData("", "Expected a name or a value, but the text ends.")]
    [InlineData("userName", "Expected a name or a value, but the text ends.")]
    [InlineData("userName eq", "Expected a name or a value")]
    [InlineData("userName is \"x\"", "There is no operator \"is\"")]
    [InlineData("userName 1 \"x\"", "There is no operator \"1\"")]
    [InlineData("userName eq x", "Enclose texts in quotation marks")]
    [InlineData("userName eq \"x", "The closing quotation mark")]
    [InlineData("userName eq \"\\x\"", "not a valid JSON string")]
    [InlineData("userName eq \"x\" and", "Expected a name or a value, but the text ends.")]
    [InlineData("userName eq \"x\" xor title pr", "Expected the end at character 17")]
    [InlineData("(userName eq \"x\"", "Expected \")\"")]
    [InlineData("emails[type eq \"work\"", "Expected \"]\"")]
    [InlineData("emails[type eq \"a\" and emails[type eq \"b\"]]", "There is no attribute \"emails\" in User.emails")]
    [InlineData("userName[type eq \"x\"]", "can't have a filter in brackets")]
    [InlineData("shoeSize eq 44", "There is no attribute \"shoeSize\" in User.")]
    [InlineData("name.shoe eq 44", "There is no attribute \"name.shoe\" in User.")]
    [InlineData("name eq \"x\"", "name can't be compared")]
    [InlineData("userName eq 7", "userName can't be compared")]
    [InlineData("active gt true", "active can't be compared")]
    [InlineData("active eq \"maybe\"", "active can't be compared")]
    [InlineData("meta.created co \"2026\"", "created can't be compared")]
    [InlineData("meta.created eq \"yesterday\"", "created can't be compared")]
    [InlineData("userName gt null", "userName can't be compared")]
    public void TryParse_InvalidFilter_SaysWhy(string text, string error)
    {
        Assert.False(ScimFilterParser.TryParse(text, ScimSchemas.User, out _, out var found));
        Assert.Contains(error, found, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_TooLargeFilter_IsRefused()
    {
        AssertTooLarge(new string('(', ScimFilterParser.LargestDepth + 1) + "title pr", "nested too deeply");
        AssertTooLarge(string.Join(" or ", Enumerable.Repeat("title pr", ScimFilterParser.MostComparisons + 1)), "too many comparisons");
        AssertTooLarge(new string('a', ScimFilterParser.LongestFilter + 1), "The limit is 4096");

        static void AssertTooLarge(string text, string error)
        {
            Assert.False(ScimFilterParser.TryParse(text, ScimSchemas.User, out _, out var found));
            Assert.Contains(error, found, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void RequiredValue_OfAConjunction_IsFound()
    {
        Assert.True(ScimFilterParser.TryParse("active eq true and (userName eq \"a\" and title pr)", ScimSchemas.User, out var both, out _));
        Assert.Equal("a", both.RequiredValue("userName"));
        Assert.True(ScimFilterParser.TryParse("userName eq \"a\" or userName eq \"b\"", ScimSchemas.User, out var either, out _));
        Assert.Null(either.RequiredValue("userName"));
        Assert.True(ScimFilterParser.TryParse("not (userName eq \"a\")", ScimSchemas.User, out var not, out _));
        Assert.Null(not.RequiredValue("userName"));
    }

    /// <summary>For any text, the result is a filter that can be used, or an error.</summary>
    [Fact]
    public void TryParse_AnyText_NeverThrows() => Check.One(TenThousand, Prop.ForAll(Parts.ArrayOf().Select(string.Concat).ToArbitrary(), text =>
    {
        if (ScimFilterParser.TryParse(text, ScimSchemas.User, out var filter, out var error))
            _ = filter.Matches(_user);
        else
            Assert.NotEmpty(error);
        if (!ScimFilterParser.TryParsePath(text, ScimSchemas.User, out _, out var fault))
            Assert.NotEmpty(fault);
    }));

    /// <summary>Any operation leaves a user that can be read, or is refused.</summary>
    [Fact]
    public void Patch_AnyOperation_IsAppliedOrRefused() => Check.One(TenThousand, Prop.ForAll(
        Operations.ToArbitrary(),
        operation =>
        {
            var user = _user.DeepClone().AsObject();
            var request = new JsonObject { ["Operations"] = new JsonArray(new JsonObject { ["op"] = operation.Kind, ["path"] = operation.Path, ["value"] = JsonNode.Parse(operation.Value, new JsonNodeOptions { PropertyNameCaseInsensitive = true }) }) };
            try
            {
                ScimPatch.Apply(user, request, ScimSchemas.User);
                _ = ScimUserRules.Check(ScimUserJson.Read(user, null));
            }
            catch (ScimException refused)
            {
                Assert.InRange(refused.Status, 400, 413);
            }
        }));

    /// <summary>What is true of a filter is false of its negation, and the parts of a disjunction can be swapped.</summary>
    [Fact]
    public void Matches_AnyTwoComparisons_FollowLogic() => Check.One(TenThousand, Prop.ForAll(Gen.Two(Comparisons).ToArbitrary(), pair =>
    {
        bool Matches(string text) => ScimFilterParser.TryParse(text, ScimSchemas.User, out var filter, out var error) ? filter.Matches(_user) : throw new InvalidOperationException(error);
        var (a, b) = pair;
        Assert.NotEqual(Matches(a), Matches($"not ({a})"));
        Assert.Equal(Matches($"{a} or {b}"), Matches($"{b} or {a}"));
        Assert.Equal(Matches($"not ({a} and {b})"), Matches($"(not ({a})) or (not ({b}))"));
    }));

    private static readonly Gen<string> Values = Gen.Elements(
        "null", "true", "\"False\"", "7", "\"a\"", "\"b@example.com\"", "[]", "{}", "[null]", "[\"a\"]", "[{\"value\":\"c@example.com\"}]", "{\"value\":\"d@example.com\",\"primary\":true}", "{\"userName\":null}",
        "{\"name.givenName\":\"x\"}", "{\"emails[type eq \\\"work\\\"].value\":\"e@example.com\"}", "[[1]]", "{\"a[\":1}");

    private static readonly Gen<(string Kind, string? Path, string Value)> Operations =
        from kind in Gen.Elements("add", "Replace", "REMOVE")
        from path in Gen.OneOf(
            Parts.ArrayOf(3).Select(parts => (string?)string.Concat(parts)),
            Gen.Elements<string?>(null, "userName", "name", "name.givenName", "emails", "emails.value", "emails[type eq \"work\"]", "emails[type eq \"other\"].value", "emails[primary eq true]", "active"))
        from value in Values
        select (kind, path, value);

    private static readonly Gen<string> Comparisons =
        from name in Gen.Elements("userName", "externalId", "name.givenName", "emails", "emails.type", "title", "displayName")
        from comparison in Gen.Elements("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")
        from value in Gen.Elements("babs@example.com", "B", "b", "", "work", "Barbara")
        select $"{name} {comparison} \"{value}\"";
}
