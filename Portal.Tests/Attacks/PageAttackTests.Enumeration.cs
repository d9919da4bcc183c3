using System.Net;
using System.Text.RegularExpressions;
using Portal.Tests.Components.Circuits;

namespace Portal.Tests.Attacks;

/// <summary>Answers that must not tell who has an account or which links existed.</summary>
public sealed partial class PageAttackTests
{
    /// <summary>The answer to a wrong password must not tell whether the address exists. <c>SignInServiceTests</c> compares the work.</summary>
    [Fact]
    public async Task Enumeration_SignInWithUnknownAndKnownAddress_HasTheSameAnswer()
    {
        var answers = new List<(HttpStatusCode, string)>();
        foreach (var email in new[] { SignedInHost.Email, "nobody@example.com", "ADA@example.com " })
        {
            using var answer = await LoginAsync("", email: email, password: "a wrong password");
            answers.Add((answer.StatusCode, Normalize(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), email)));
        }

        Assert.Single(answers.Distinct());
    }

    /// <summary>Codes that never existed and codes that were used have the same answer, for both kinds of links.</summary>
    [Theory]
    [InlineData("/join")]
    [InlineData("/new-password")]
    public async Task Enumeration_OneTimeLinks_DoNotTellWhichCodesExisted(string path)
    {
        var answers = new List<string>();
        foreach (var code in new[] { "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "an-unlikely-code", "' OR 1=1 --" })
        {
            using var page = await GetAsync(path, "");
            var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            using var post = new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new FormUrlEncodedContent(new Dictionary<string, string>
                {
                    ["_handler"] = Handler().Match(html).Groups[1].Value, ["__RequestVerificationToken"] = AntiforgeryField().Match(html).Groups[1].Value, ["Entered.Code"] = code,
                }),
            };
            post.Headers.Add("Cookie", page.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
            using var answer = await SendAsync(post);
            answers.Add($"{answer.StatusCode} {Normalize(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), code)}");
        }

        Assert.Single(answers.Distinct());
        Assert.Contains("This link doesn", answers[0], StringComparison.Ordinal);
    }

    /// <summary>Removes what differs between two answers to the same request, and what was entered.</summary>
    private static string Normalize(string html, string entered) => Changing().Replace(html, "")
        .Replace(WebUtility.HtmlEncode(entered), "", StringComparison.OrdinalIgnoreCase).Replace(entered, "", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"name=""_handler"" value=""([^""]+)""")]
    private static partial Regex Handler();

    [GeneratedRegex(@"(?s)<!--.*?-->|name=""__RequestVerificationToken"" value=""[^""]+""|<script type=""importmap"".*?</script>")]
    private static partial Regex Changing();
}
