using System.Net;

namespace Portal.Tests.Scim;

/// <summary>The examples of RFC 7644, section 3. Attributes that Portal doesn't store, such as addresses, are accepted and don't come back.</summary>
public sealed class ScimExamplesTests(ScimHost scim) : IClassFixture<ScimHost>
{
    private const string Full = """
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bjensen","externalId":"bjensen","name":{"formatted":"Ms. Barbara J Jensen III","familyName":"Jensen","givenName":"Barbara","middleName":"Jane"},
        "roles":[],"emails":[{"value":"bjensen@example.com","type":"work","primary":true},{"value":"babs@jensen.org","type":"home"}],"addresses":[{"type":"work","streetAddress":"100 Universal City Plaza","country":"USA"}]}
        """;

    /// <summary>Each example: the section, the method, the path, the body, the status, and what the response contains. <c>bjensen</c> stands for a name
    /// of its own, <c>{user}</c>, <c>{other}</c> and <c>{group}</c> for IDs.</summary>
    public static TheoryData<string, string, string, string?, int, string?> Examples => new()
    {
        { "3.3 invalid name", "POST", "/Users", """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"name":{"familyName":"Jensen"}}""", 400, """{"scimType":"invalidValue"}""" },
        { "3.3 twice", "POST", "/Users", """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"BJENSEN"}""", 409, """{"scimType":"uniqueness","status":"409"}""" },
        {
            "3.4.1 retrieve", "GET", "/Users/{user}", null, 200,
            """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"{user}","externalId":"bjensen","userName":"bjensen","name":{"formatted":"Barbara Jensen","familyName":"Jensen","givenName":"Barbara"},
            "displayName":"Ms. Barbara J Jensen III","emails":[{"value":"bjensen@example.com","type":"work","primary":true}],"active":true,"meta":{"resourceType":"User","location":"{base}/Users/{user}"}}
            """
        },
        { "3.4.1 unknown", "GET", "/Users/2819c223-7f76-453a-919d-413861904646", null, 404, """{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404"}""" },
        { "3.4.2 list", "GET", "/Users?attributes=userName&filter=userName%20eq%20%22bjensen%22", null, 200, """{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"startIndex":1,"itemsPerPage":1,"Resources":[{"id":"{user}","userName":"bjensen"}]}""" },
        { "3.4.2.1 nothing found", "GET", "/Users?filter=userName%20eq%20%22nobody%22", null, 200, """{"totalResults":0,"Resources":[]}""" },
        { "3.4.2.2 name", "GET", "/Users?filter=name.familyName%20co%20%22ENSE%22%20and%20externalId%20eq%20%22bjensen%22", null, 200, """{"totalResults":1}""" },
        { "3.4.2.2 urn", "GET", "/Users?filter=urn:ietf:params:scim:schemas:core:2.0:User:userName%20sw%20%22bjensen%22", null, 200, """{"totalResults":1}""" },
        { "3.4.2.2 not stored", "GET", "/Users?filter=title%20pr", null, 200, """{"totalResults":0}""" },
        { "3.4.2.2 case is exact", "GET", "/Users?filter=externalId%20eq%20%22BJENSEN%22", null, 200, """{"totalResults":0}""" },
        { "3.4.2.2 value path", "GET", "/Users?filter=externalId%20eq%20%22bjensen%22%20and%20emails%5Btype%20eq%20%22work%22%20and%20value%20co%20%22%40example.com%22%5D", null, 200, """{"totalResults":1}""" },
        { "3.4.2.2 moment", "GET", "/Users?filter=externalId%20eq%20%22bjensen%22%20and%20meta.lastModified%20ge%20%222011-05-13T04%3A42%3A34Z%22", null, 200, """{"totalResults":1}""" },
        { "3.4.2.2 invalid", "GET", "/Users?filter=userName%20is%20%22x%22", null, 400, """{"scimType":"invalidFilter"}""" },
        { "3.4.2.4 page", "GET", "/Users?startIndex=1&count=1&filter=externalId%20sw%20%22bjensen%22", null, 200, """{"totalResults":1,"itemsPerPage":1,"startIndex":1}""" },
        { "3.4.2.4 beyond", "GET", "/Users?startIndex=900000&count=10", null, 200, """{"itemsPerPage":0,"startIndex":900000,"Resources":[]}""" },
        { "3.4.2.4 no count", "GET", "/Users?startIndex=-3&count=-1", null, 200, """{"itemsPerPage":0,"startIndex":1,"Resources":[]}""" },
        { "3.4.2.4 no number", "GET", "/Users?count=ten", null, 400, """{"scimType":"invalidValue"}""" },
        {
            "3.4.3 search", "POST", "/Users/.search", """{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"attributes":["displayName","userName"],"filter":"externalId eq \"bjensen\"","startIndex":1,"count":10}""", 200,
            """{"totalResults":1,"Resources":[{"id":"{user}","displayName":"Ms. Barbara J Jensen III","userName":"bjensen"}]}"""
        },
        {
            "3.5.1 replace", "PUT", "/Users/{user}",
            """
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"{user}","userName":"bjensen","externalId":"bjensen","name":{"formatted":"Ms. Barbara J Jensen III","familyName":"Jensen","givenName":"Barbara","middleName":"Jane"},
            "roles":[],"emails":[{"value":"bjensen@example.org"},{"value":"babs@jensen.org"}]}
            """, 200, """{"id":"{user}","emails":[{"value":"bjensen@example.org","type":"work","primary":true}]}"""
        },
        { "3.5.1 unknown", "PUT", "/Users/2819c223", """{"userName":"x"}""", 404, """{"status":"404"}""" },
        { "3.5.2.1 add members", "PATCH", "/Groups/{group}?attributes=members", Operations("""{"op":"add","path":"members","value":[{"display":"Babs Jensen","$ref":"https://example.com/v2/Users/{other}","value":"{other}"}]}"""), 200, """{"members":[{"value":"{user}"},{"value":"{other}","$ref":"{base}/Users/{other}","type":"User"}]}""" },
        { "3.5.2.1 add without a path", "PATCH", "/Users/{user}", Operations("""{"op":"add","value":{"emails":[{"value":"babs@jensen.org","type":"home"}],"nickName":"Babs"}}"""), 200, """{"emails":[{"value":"bjensen@example.com"}]}""" },
        { "3.5.2.2 remove one member", "PATCH", "/Groups/{group}", Operations("""{"op":"remove","path":"members[value eq \"{user}\"]"}"""), 204, null },
        { "3.5.2.2 remove all members", "PATCH", "/Groups/{group}?attributes=members,displayName", Operations("""{"op":"remove","path":"members"}"""), 200, """{"id":"{group}"}""" },
        { "3.5.2.2 remove by two conditions", "PATCH", "/Users/{user}", Operations("""{"op":"remove","path":"emails[type eq \"work\" and value ew \"example.com\"]"}"""), 200, """{"userName":"bjensen"}""" },
        { "3.5.2.2 remove and add", "PATCH", "/Groups/{group}?attributes=members", Operations("""{"op":"remove","path":"members[value eq \"{user}\"]"},{"op":"add","path":"members","value":[{"value":"{other}"}]}"""), 200, """{"members":[{"value":"{other}"}]}""" },
        { "3.5.2.2 no path", "PATCH", "/Users/{user}", Operations("""{"op":"remove"}"""), 400, """{"scimType":"noTarget"}""" },
        { "3.5.2.2 required", "PATCH", "/Users/{user}", Operations("""{"op":"remove","path":"userName"}"""), 400, """{"scimType":"mutability"}""" },
        { "3.5.2.3 replace members", "PATCH", "/Groups/{group}?attributes=members", Operations("""{"op":"replace","path":"members","value":[{"value":"{other}"}]}"""), 200, """{"members":[{"value":"{other}"}]}""" },
        { "3.5.2.3 replace an address", "PATCH", "/Users/{user}", Operations("""{"op":"replace","path":"addresses[type eq \"work\"]","value":{"type":"work","streetAddress":"911 Universal City Plaza"}}"""), 200, """{"id":"{user}"}""" },
        { "3.5.2.3 replace a part", "PATCH", "/Users/{user}", Operations("""{"op":"replace","path":"addresses[type eq \"work\"].streetAddress","value":"1010 Broadway Ave"}"""), 200, """{"id":"{user}"}""" },
        { "3.5.2.3 replace several", "PATCH", "/Users/{user}", Operations("""{"op":"replace","value":{"emails":[{"value":"bjensen@example.net","type":"work","primary":true},{"value":"babs@jensen.org","type":"home"}],"nickName":"Babs"}}"""), 200, """{"emails":[{"value":"bjensen@example.net"}]}""" },
        { "3.5.2.3 no target", "PATCH", "/Users/{user}", Operations("""{"op":"replace","path":"emails[type eq \"other\"].value","value":"x@example.com"}"""), 400, """{"scimType":"noTarget"}""" },
        { "3.5.2 read-only", "PATCH", "/Users/{user}", Operations("""{"op":"replace","path":"groups","value":[]}"""), 400, """{"scimType":"mutability"}""" },
        { "3.5.2 unknown path", "PATCH", "/Users/{user}", Operations("""{"op":"replace","path":"shoeSize","value":44}"""), 400, """{"scimType":"invalidPath"}""" },
        { "3.6 delete", "DELETE", "/Users/{user}", null, 204, null },
        { "3.6 unknown", "DELETE", "/Users/2819c223", null, 404, """{"status":"404"}""" },
        { "3.7 bulk", "POST", "/Bulk", """{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[]}""", 501, """{"status":"501"}""" },
        { "3.9 attributes", "GET", "/Users/{user}?attributes=userName,emails.value", null, 200, """{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"{user}","userName":"bjensen","emails":[{"value":"bjensen@example.com"}]}""" },
        { "3.9 both", "GET", "/Users/{user}?attributes=userName&excludedAttributes=name", null, 400, """{"scimType":"invalidValue"}""" },
        { "3.11 me", "GET", "/Me", null, 501, """{"status":"501"}""" },
        { "4 configuration", "GET", "/ServiceProviderConfig", null, 200, """{"patch":{"supported":true},"bulk":{"supported":false},"filter":{"supported":true,"maxResults":200},"sort":{"supported":false},"etag":{"supported":true},"changePassword":{"supported":false},"authenticationSchemes":[{"type":"oauthbearertoken"}]}""" },
        { "4 types", "GET", "/ResourceTypes", null, 200, """{"totalResults":2,"Resources":[{"id":"User","endpoint":"/Users","schema":"urn:ietf:params:scim:schemas:core:2.0:User"},{"id":"Group","endpoint":"/Groups"}]}""" },
        { "4 type", "GET", "/ResourceTypes/Group", null, 200, """{"name":"Group","meta":{"resourceType":"ResourceType","location":"{base}/ResourceTypes/Group"}}""" },
        { "4 schema", "GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group", null, 200, """{"id":"urn:ietf:params:scim:schemas:core:2.0:Group","name":"Group"}""" },
        { "4 schemas", "GET", "/Schemas", null, 200, """{"totalResults":2}""" },
        { "4 schemas with a filter", "GET", "/Schemas?filter=id%20pr", null, 403, """{"status":"403"}""" },
        { "no such endpoint", "GET", "/Devices", null, 404, """{"status":"404"}""" },
        { "no such method", "PATCH", "/Schemas", "{}", 405, """{"status":"405"}""" },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Example_OfTheRfc_IsAnsweredAsDocumented(string section, string method, string path, string? body, int status, string? expected)
    {
        Assert.NotEmpty(section);
        var name = scim.Unique("bjensen-");
        string Named(string text) => text.Replace("bjensen", name, StringComparison.Ordinal).Replace("BJENSEN", name.ToUpperInvariant(), StringComparison.Ordinal)
            .Replace("babs@", $"babs-{name}@", StringComparison.Ordinal);
        var created = await scim.PostAsync("/Users", Named(Full));
        Assert.Equal(HttpStatusCode.Created, created.Status);
        var (user, other) = (created.Id, await scim.CreateUserAsync());
        var group = await scim.CreateGroupAsync(null, user);
        string Filled(string text) => Named(text).Replace("{user}", user, StringComparison.Ordinal).Replace("{other}", other, StringComparison.Ordinal)
            .Replace("{group}", group, StringComparison.Ordinal).Replace("{base}", $"{scim.Host.Address}scim/v2", StringComparison.Ordinal);

        var answer = await scim.SendAsync(new HttpMethod(method), Filled(path), body is null ? null : Filled(body));

        Assert.Equal(status, (int)answer.Status);
        if (expected is null)
            Assert.Empty(answer.Text);
        else
            answer.Contains(Filled(expected));
        if (status >= 400)
            Assert.StartsWith($"{status}", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_ExampleOfTheRfc_ReturnsTheUserWithItsAddressAndVersion()
    {
        var name = scim.Unique("bjensen");
        var answer = await scim.PostAsync("/Users", $$$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{{name}}}","externalId":"{{{name}}}","name":{"formatted":"Ms. Barbara J Jensen III","familyName":"Jensen","givenName":"Barbara"}}""");

        Assert.Equal((HttpStatusCode.Created, "application/scim+json"), (answer.Status, answer.MediaType));
        Assert.Equal($"{scim.Host.Address}scim/v2/Users/{answer.Id}", answer.Location);
        answer.Contains($$$"""{"userName":"{{{name}}}","externalId":"{{{name}}}","displayName":"Ms. Barbara J Jensen III","meta":{"location":"{{{answer.Location}}}"}}""");
        Assert.Equal(answer.ETag, answer.Json["meta"]!["version"]!.GetValue<string>());
        Assert.Null(answer.Json["emails"]);
    }

    [Fact]
    public async Task Versions_InHeaders_AreComparedWithTheCurrentOne()
    {
        var id = await scim.CreateUserAsync();
        var first = await scim.GetAsync($"/Users/{id}");
        const string Rename = """{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"displayName","value":"Another name"}]}""";

        Assert.Equal(HttpStatusCode.NotModified, (await scim.SendAsync(HttpMethod.Get, $"/Users/{id}", null, headers: ("If-None-Match", first.ETag!))).Status);
        Assert.Equal(HttpStatusCode.OK, (await scim.SendAsync(HttpMethod.Patch, $"/Users/{id}", Rename, headers: ("If-Match", first.ETag!))).Status);
        Assert.Equal("412", (await scim.SendAsync(HttpMethod.Patch, $"/Users/{id}", Rename, headers: ("If-Match", first.ETag!))).Error);
        Assert.Equal("412", (await scim.SendAsync(HttpMethod.Delete, $"/Users/{id}", null, headers: ("If-Match", first.ETag!))).Error);
        Assert.Equal("400 invalidValue", (await scim.SendAsync(HttpMethod.Delete, $"/Users/{id}", null, headers: ("If-Match", "yesterday"))).Error);
        Assert.Equal(HttpStatusCode.OK, (await scim.SendAsync(HttpMethod.Get, $"/Users/{id}", null, headers: ("If-None-Match", first.ETag!))).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await scim.SendAsync(HttpMethod.Delete, $"/Users/{id}", null, headers: ("If-Match", "*"))).Status);
    }

    private static string Operations(string operations) => $$"""{"schemas":["{{ScimHost.PatchOp}}"],"Operations":[{{operations}}]}""";
}
