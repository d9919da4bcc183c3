using System.Net;
using System.Text.Json.Nodes;

namespace Portal.Tests.Scim;

/// <summary>The requests that identity providers send, by their public documentation.</summary>
public sealed class ScimProviderTests(ScimHost scim) : IClassFixture<ScimHost>
{
    [Fact]
    public async Task EntraId_LifeOfAUser_IsServed()
    {
        var name = scim.Unique("Test_User_ab6490ee-1e48-479e-a20b-2d77186b5dd1-");
        Assert.Equal(0, (await scim.GetAsync($"/Users?filter=userName%20eq%20%22{name}%22")).Json["totalResults"]!.GetValue<int>());
        var created = await scim.PostAsync("/Users", $$$"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef","userName":"{{{name}}}","active":true,
            "emails":[{"primary":true,"type":"work","value":"{{{name}}}@testuser.com"}],"meta":{"resourceType":"User"},"name":{"formatted":"givenName familyName","familyName":"familyName","givenName":"givenName"},"roles":[],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Sales"}}
            """);
        Assert.Equal(HttpStatusCode.Created, created.Status);
        var path = $"/Users/{created.Id}";
        Assert.Equal(created.Id, (await scim.GetAsync($"/Users?filter=userName%20eq%20%22{name.ToUpperInvariant()}%22")).Json["Resources"]![0]!["id"]!.GetValue<string>());

        (await scim.PatchAsync(path, """[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"updatedEmail@microsoft.com"},{"op":"Replace","path":"name.familyName","value":"updatedFamilyName"}]"""))
            .Contains("""{"emails":[{"value":"updatedEmail@microsoft.com","type":"work","primary":true}],"name":{"familyName":"updatedFamilyName"},"displayName":"givenName updatedFamilyName"}""");
        (await scim.PatchAsync(path, """[{"op":"Add","value":{"displayName":"Pat","name.givenName":"Patricia","emails[type eq \"work\"].value":"pat@microsoft.com","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"R&D"}}]"""))
            .Contains("""{"displayName":"Pat","name":{"givenName":"Patricia"},"emails":[{"value":"pat@microsoft.com"}]}""");
        (await scim.PatchAsync(path, """[{"op":"Replace","path":"userName","value":"5b50642d-79fc-4410-9e90-4c077cdd1a59@testuser.com"}]""")).Contains("""{"userName":"5b50642d-79fc-4410-9e90-4c077cdd1a59@testuser.com"}""");
        (await scim.PatchAsync(path, """[{"op":"Replace","path":"active","value":"False"}]""")).Contains("""{"active":false}""");
        (await scim.PatchAsync(path, """[{"op":"Add","path":"active","value":"True"}]""")).Contains("""{"active":true}""");
        (await scim.PatchAsync(path, """[{"op":"Replace","value":{"active":false}}]""")).Contains("""{"active":false}""");
        Assert.Equal(HttpStatusCode.NoContent, (await scim.SendAsync(HttpMethod.Delete, path, null)).Status);
        Assert.Equal("404", (await scim.GetAsync(path)).Error);
        Assert.Equal("404", (await scim.SendAsync(HttpMethod.Delete, path, null)).Error);
    }

    [Fact]
    public async Task EntraId_LifeOfAGroup_IsServed()
    {
        var (first, second, name) = (await scim.CreateUserAsync(), await scim.CreateUserAsync(), scim.Unique("displayName "));
        var created = await scim.PostAsync("/Groups", $$$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"externalId":"8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159","displayName":"{{{name}}}","meta":{"resourceType":"Group"}}""");
        Assert.Equal(HttpStatusCode.Created, created.Status);
        var path = $"/Groups/{created.Id}";
        Assert.Equal(HttpStatusCode.NoContent, (await scim.PatchAsync(path, $$"""[{"op":"Add","path":"members","value":[{"$ref":null,"value":"{{first}}"},{"$ref":null,"value":"{{second}}"}]}]""")).Status);
        Assert.Null((await scim.GetAsync($"{path}?excludedAttributes=members")).Json["members"]);
        var listed = await scim.GetAsync($"/Groups?excludedAttributes=members&filter=displayName%20eq%20%22{Uri.EscapeDataString(name)}%22");
        Assert.Null(listed.Json["Resources"]!.AsArray().Single()!["members"]);
        foreach (var (member, count) in new[] { (first, 1), ("nobody", 0) })
            Assert.Equal(count, (await scim.GetAsync($"/Groups?filter=id%20eq%20%22{created.Id}%22%20and%20members%20eq%20%22{member}%22")).Json["totalResults"]!.GetValue<int>());

        // Not all members.
        await scim.PatchAsync(path, $$"""[{"op":"Remove","path":"members","value":[{"$ref":null,"value":"{{first}}"}]}]""");
        await scim.PatchAsync(path, """[{"op":"Remove","path":"members","value":[]}]""");
        Assert.Equal([second], MembersOf(await scim.GetAsync(path)));
        Assert.Equal(HttpStatusCode.NoContent, (await scim.PatchAsync(path, $$"""[{"op":"Replace","path":"displayName","value":"{{name}} updated"}]""")).Status);
        (await scim.GetAsync(path)).Contains($$"""{"displayName":"{{name}} updated"}""");
        Assert.Equal(HttpStatusCode.NoContent, (await scim.SendAsync(HttpMethod.Delete, path, null)).Status);
    }

    [Fact]
    public async Task Okta_LifeOfAUser_IsServed()
    {
        var name = scim.Unique("test.user") + "@okta.local";
        Assert.Empty((await scim.GetAsync($"/Users?filter=userName%20eq%20%22{name}%22&startIndex=1&count=100")).Json["Resources"]!.AsArray());
        string Body(string given, bool active) => $$"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{name}}","name":{"givenName":"{{given}}","familyName":"User"},"emails":[{"primary":true,"value":"{{name}}","type":"work"}],
            "displayName":"{{given}} User","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","groups":[],"password":"1mz050nq","active":{{(active ? "true" : "false")}}}
            """;
        var created = await scim.PostAsync("/Users", Body("Test", true));
        created.Contains($$"""{"userName":"{{name}}","active":true,"emails":[{"primary":true,"value":"{{name}}","type":"work"}]}""");
        Assert.DoesNotContain("1mz050nq", created.Text, StringComparison.Ordinal);
        var path = $"/Users/{created.Id}";
        (await scim.SendAsync(HttpMethod.Put, path, Body("Another", true))).Contains("""{"name":{"givenName":"Another"},"active":true}""");
        (await scim.PatchAsync(path, """[{"op":"replace","value":{"active":false}}]""")).Contains("""{"active":false}""");
        (await scim.SendAsync(HttpMethod.Put, path, Body("Another", true))).Contains("""{"active":true}""");
    }

    [Fact]
    public async Task Okta_LifeOfAGroup_IsServed()
    {
        var (first, second, name) = (await scim.CreateUserAsync(), await scim.CreateUserAsync(), scim.Unique("Test SCIMv2 "));
        var id = await scim.CreateGroupAsync(name, first);
        var path = $"/Groups/{id}";
        Assert.Equal(HttpStatusCode.NoContent, (await scim.PatchAsync(path, $$$"""[{"op":"replace","value":{"id":"{{{id}}}","displayName":"{{{name}}}b"}}]""")).Status);
        await scim.PatchAsync(path, $$"""[{"op":"remove","path":"members[value eq \"{{first}}\"]"},{"op":"add","path":"members","value":[{"value":"{{second}}","display":"x"}]}]""");
        Assert.Equal([second], MembersOf(await scim.GetAsync(path)));
        (await scim.SendAsync(HttpMethod.Put, path, $$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"{{id}}","displayName":"{{name}}","members":[{"value":"{{first}}","display":"x"},{"value":"{{second}}"}]}"""))
            .Contains($$"""{"displayName":"{{name}}","members":[{"value":"{{first}}"},{"value":"{{second}}"}]}""");
        Assert.True((await scim.GetAsync("/Groups?startIndex=1&count=100")).Json["totalResults"]!.GetValue<int>() >= 1);
        Assert.Equal(HttpStatusCode.NoContent, (await scim.SendAsync(HttpMethod.Delete, path, null)).Status);
    }

    /// <summary>A directory that sends only user names expects the address to follow them.</summary>
    [Fact]
    public async Task UserName_ThatIsTheAddress_ChangesBoth()
    {
        var (first, second) = (scim.Unique("former") + "@example.com", scim.Unique("new") + "@example.com");
        var path = $"/Users/{await scim.CreateUserAsync(first)}";
        (await scim.PatchAsync(path, $$"""[{"op":"replace","path":"userName","value":"{{second}}"}]""")).Contains($$"""{"emails":[{"value":"{{second}}"}]}""");
        (await scim.PatchAsync(path, $$"""[{"op":"replace","path":"userName","value":"{{scim.Unique("plain")}}"}]""")).Contains($$"""{"emails":[{"value":"{{second}}"}]}""");
        (await scim.PatchAsync(path, $$"""[{"op":"replace","path":"userName","value":"{{first}}"}]""")).Contains($$"""{"emails":[{"value":"{{second}}"}]}""");
    }

    /// <summary>A client that lost the response repeats the request.</summary>
    [Fact]
    public async Task EveryRequest_SentTwice_ChangesNothingMore()
    {
        var name = scim.Unique("twice") + "@example.com";
        var body = $$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{{name}}","active":true}""";
        var created = await scim.PostAsync("/Users", body);
        Assert.Equal("409 uniqueness", (await scim.PostAsync("/Users", body)).Error);
        var groupName = scim.Unique("Twice ");
        var group = await scim.CreateGroupAsync(groupName);
        Assert.Equal("409 uniqueness", (await scim.PostAsync("/Groups", $$"""{"displayName":"{{groupName.ToUpperInvariant()}}"}""")).Error);

        foreach (var (path, operations) in new[]
        {
            ($"/Users/{created.Id}", """[{"op":"add","path":"emails","value":[{"value":"TWICE@example.com","type":"work"}]},{"op":"replace","path":"active","value":false}]"""),
            ($"/Users/{created.Id}", """[{"op":"remove","path":"name.givenName"},{"op":"remove","path":"emails[type eq \"home\"]"}]"""),
            ($"/Groups/{group}", $$"""[{"op":"add","path":"members","value":[{"value":"{{created.Id}}"}]}]"""),
            ($"/Groups/{group}", $$"""[{"op":"remove","path":"members[value eq \"{{created.Id}}\"]"}]"""),
        })
        {
            await scim.PatchAsync(path, operations);
            var before = (await scim.GetAsync(path)).Text;
            var audited = await CountAuditAsync();
            Assert.InRange((int)(await scim.PatchAsync(path, operations)).Status, 200, 204);
            Assert.Equal((before, audited), ((await scim.GetAsync(path)).Text, await CountAuditAsync()));
        }

        var replacement = $$"""{"userName":"{{name}}","displayName":"Twice"}""";
        var replaced = await scim.SendAsync(HttpMethod.Put, $"/Users/{created.Id}", replacement);
        replaced.Contains("""{"active":false}"""); // Not sent: stays.
        Assert.Equal(replaced.Text, (await scim.SendAsync(HttpMethod.Put, $"/Users/{created.Id}", replacement)).Text);
    }

    private async Task<int> CountAuditAsync()
    {
        await using var context = await scim.Host.ContextAsync();
        return context.AuditEntries.Count();
    }

    private static IEnumerable<string> MembersOf(ScimAnswer group) => group.Json["members"] is JsonArray members ? members.Select(member => member!["value"]!.GetValue<string>()) : [];
}
