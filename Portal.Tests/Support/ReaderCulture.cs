using System.Globalization;

namespace Portal.Tests.Support;

/// <summary>Sets the culture and its language until it is disposed.</summary>
internal sealed class ReaderCulture : IDisposable
{
    private readonly (CultureInfo Culture, CultureInfo Language) _before = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);

    /// <param name="name">Empty for the invariant culture.</param>
    public ReaderCulture(string name) => CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(name);

    public void Dispose() => (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = _before;
}
