namespace Portal.Hosting.Https;

/// <summary>The settings with which Portal itself serves HTTPS.</summary>
internal sealed class HttpsOptions
{
    public const string Section = "Portal:Https";

    /// <summary>A PEM file, which may also contain the key and the intermediate certificates, or a PKCS #12 file. Empty: no HTTPS.</summary>
    public string? Certificate { get; set; }

    /// <summary>A PEM file with the private key, unless <see cref="Certificate"/> contains it.</summary>
    public string? Key { get; set; }

    /// <summary>For environment variables. Everyone on the machine can read the arguments of a process.</summary>
    public string? Password { get; set; }

    /// <summary>A file whose first line is the password of the key.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The address to listen on, unless another setting names an HTTPS address.</summary>
    public string Url { get; set; } = "https://*:5443";
}
