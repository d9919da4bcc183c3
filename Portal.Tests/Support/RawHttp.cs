using System.Net.Sockets;
using System.Text;

namespace Portal.Tests.Support;

/// <summary>Sends requests byte by byte as written, including those that a correct client wouldn't send.</summary>
internal static class RawHttp
{
    /// <summary>Sends bytes and reads until the other side closes the connection.</summary>
    /// <param name="request">Latin-1; should request that the connection is closed.</param>
    /// <returns>The received data as Latin-1, even if the connection was reset.</returns>
    public static async Task<string> ExchangeAsync(Uri address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));
        }
        catch (IOException)
        {
            // Reset: the response is incomplete.
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }

    /// <param name="target">The path, which is sent unchanged.</param>
    /// <param name="headers">Complete header lines.</param>
    /// <returns>The status code, and everything after it.</returns>
    public static Task<(int Status, string Remainder)> SendAsync(Uri address, string target, params string[] headers) => SendAsync(address, target, headers, "GET");

    /// <inheritdoc cref="SendAsync(Uri, string, string[])"/>
    public static async Task<(int Status, string Remainder)> SendAsync(Uri address, string target, string[] headers, string method)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var request = string.Join("\r\n", [$"{method} {target} HTTP/1.1", $"Host: {address.Authority}", "Connection: close", .. headers, "", ""]);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var response = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        return (int.Parse(response.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture), response[12..]);
    }
}
