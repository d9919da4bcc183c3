using System.Net;
using Portal.Tests.Data;
using Portal.Tests.Support;

namespace Portal.Tests.Components;

/// <summary>Invalid requests to plain HTML pages: forms out of date, posts of any size, addresses with secrets.</summary>
public sealed class PageFormsTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Theory]
    [InlineData("")]
    [InlineData("__RequestVerificationToken=stale&_handler=login&Form.Email=ada%40example.com&Form.Password=x")]
    [InlineData("_handler=login&Form.Email=%00%ff")]
    public async Task Post_StaleForm_ShowsTheFormAgainWithASentence(string body)
    {
        var response = await PostAsync("/login?returnUrl=/tokens", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Contains("The form has expired", page, StringComparison.Ordinal);
        Assert.Contains("<label for=\"password\">", page, StringComparison.Ordinal);
    }

    /// <summary>A form that this page doesn't have, none, or two: nothing but a program posts those.</summary>
    [Theory]
    [InlineData("/login", "_handler=setup")]
    [InlineData("/login", "_handler=")]
    [InlineData("/login", "")]
    [InlineData("/login", "_handler=login&_handler=login")]
    [InlineData("/not-found", "")]
    public async Task Post_AnotherForm_ShowsThePageAgainWithASentence(string address, string handler)
    {
        var form = await portal.Client.GetStringAsync("/login");
        var token = System.Text.RegularExpressions.Regex.Match(form, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
        var response = await PostAsync(address, $"__RequestVerificationToken={Uri.EscapeDataString(token)}&Form.Email=ada%40example.com&Form.Password=x&{handler}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("The form has expired", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_FormFarTooLarge_SaysSo()
    {
        var response = await PostAsync("/login", "Form.Email=" + new string('x', 200_000));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("The data that you sent is too large, so Portal didn", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/tokens?q={0}&status=active", "/tokens?status=active")]
    [InlineData("/login?returnUrl=%2Ftokens%3Fq%3D{0}", "/login")]
    [InlineData("/tokens/{0}", "/tokens/SU-160-984-311")]
    [InlineData("/nowhere/{0}/x", "/tokens/SU-160-984-311")]
    [InlineData("/integrations?a={0}&b=1", "/integrations?b=1")]
    public async Task Get_AddressWithAKey_LeadsToTheSameWithoutIt(string address, string cleaned)
    {
        var response = await portal.Client.GetAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, address, Uri.EscapeDataString(SecretTextTests.Key)));

        Assert.Equal((HttpStatusCode.Redirect, cleaned), (response.StatusCode, response.Headers.Location?.OriginalString));
        Assert.DoesNotContain(SecretTextTests.Secret, portal.Log.Text, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A browser reads two slashes as the beginning of another host.</summary>
    [Theory]
    [InlineData("//evil.example/?x=2&q={0}", "/evil.example/?x=2")]
    [InlineData("///evil.example/?q={0}", "/evil.example/")]
    public async Task Get_AddressWithAKeyAndTwoSlashes_StaysHere(string address, string cleaned)
    {
        var url = portal.Address.GetLeftPart(UriPartial.Authority) + string.Format(System.Globalization.CultureInfo.InvariantCulture, address, Uri.EscapeDataString(SecretTextTests.Key));
        var response = await portal.Client.GetAsync(new Uri(url));

        Assert.Equal((HttpStatusCode.Redirect, cleaned), (response.StatusCode, response.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task Get_Page_SaysWhatABrowserMayDoToIt()
    {
        var page = await portal.Client.GetStringAsync("/login");

        Assert.Contains("translate=\"no\"", page, StringComparison.Ordinal);
        Assert.Contains("<meta name=\"google\" content=\"notranslate\"", page, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> PostAsync(string address, string body) =>
        portal.Client.PostAsync(address, new StringContent(body, System.Text.Encoding.UTF8, "application/x-www-form-urlencoded"));
}
