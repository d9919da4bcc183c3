using System.Net;
using System.Security.Claims;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Portal.Access;
using Portal.Accounts;
using Portal.Data;
using Portal.Tests.Components.Circuits;

namespace Portal.Tests.Accounts;

/// <summary>A session cookie is accepted only while the session is valid, even if it was copied.</summary>
public sealed partial class SessionCookieTests(SignedInHost signedIn) : IClassFixture<SignedInHost>
{
    /// <summary>Otherwise, the page about the fault fails with the same fault, and the browser gets 500 instead of 503.</summary>
    [Fact]
    public async Task Validate_PageAboutAFaultOfTheDatabase_ReadsNothingAndKeepsTheCookie()
    {
        await using var nothing = new ServiceCollection().BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = nothing };
        http.Features.Set<IExceptionHandlerFeature>(new ExceptionHandlerFeature { Error = new NpgsqlException("Failed to connect") });
        var scheme = new AuthenticationScheme("test", null, typeof(CookieAuthenticationHandler));
        var context = new CookieValidatePrincipalContext(
            http, scheme, new CookieAuthenticationOptions(), new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity("test")), "test"));

        await SessionCookie.ValidateAsync(context);

        Assert.Null(context.Principal);
        Assert.Empty(http.Response.Headers.SetCookie.ToArray());
    }

    [Fact]
    public async Task SignOut_CopyOfTheCookie_IsWorthNothing()
    {
        var cookie = await signedIn.SignInAsync();
        using var page = await OpenAsync(cookie);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var form = AntiforgeryField().Match(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Groups[1].Value;
        using var post = new HttpRequestMessage(HttpMethod.Post, "/logout")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = form }),
        };
        post.Headers.Add("Cookie", string.Join("; ", page.Headers.GetValues("Set-Cookie").Select(value => value.Split(';')[0]).Prepend(cookie)));
        using var answer = await signedIn.Host.Client.SendAsync(post, TestContext.Current.CancellationToken);
        Assert.Equal("/login?session=signed-out", answer.Headers.Location?.ToString());

        await AssertEndedAsync(cookie);
    }

    [Theory]
    [InlineData("another password")]
    [InlineData("lock")]
    [InlineData("another role")]
    public async Task Change_ThatEndsTheSession_EndsTheCookie(string change)
    {
        var cookie = await signedIn.SignInAsync();
        using (var page = await OpenAsync(cookie))
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        await ChangeAsync(async (users, user) =>
        {
            if (change == "lock")
                await users.SetLockoutEndDateAsync(user, DateTimeOffset.MaxValue);
            else if (change == "another role")
                await users.RemoveFromRoleAsync(user, nameof(Role.Administrator));
            else
                await users.ChangePasswordAsync(user, SignedInHost.Password, SignedInHost.Password);
        });
        try
        {
            await AssertEndedAsync(cookie);
        }
        finally
        {
            await ChangeAsync(async (users, user) =>
            {
                await users.SetLockoutEndDateAsync(user, null);
                if (change == "another role")
                    await users.AddToRoleAsync(user, nameof(Role.Administrator));
            });
        }
    }

    private async Task AssertEndedAsync(string cookie)
    {
        using var page = await OpenAsync(cookie);
        Assert.Equal((HttpStatusCode.Found, "/login?returnUrl=%2Ftokens"), (page.StatusCode, page.Headers.Location?.ToString()));
    }

    private async Task<HttpResponseMessage> OpenAsync(string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/tokens");
        request.Headers.Add("Cookie", cookie);
        return await signedIn.Host.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task ChangeAsync(Func<UserManager<PortalUser>, PortalUser, Task> change)
    {
        await using var scope = signedIn.Host.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<PortalUser>>();
        await change(users, (await users.FindByIdAsync(signedIn.UserId))!);
    }

    [GeneratedRegex(@"name=""__RequestVerificationToken"" value=""([^""]+)""")]
    private static partial Regex AntiforgeryField();
}
