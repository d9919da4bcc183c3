using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Portal.Data.KeyRing;

/// <summary>Gives the framework the key ring of a store that has no files.</summary>
internal sealed class KeyStoreXmlRepository(IKeyStore store) : IXmlRepository
{
    private const string Suffix = ".xml";

    public IReadOnlyCollection<XElement> GetAllElements() => [.. store.Read("", Suffix).Select(key => XElement.Load(new MemoryStream(key.Content)))];

    public void StoreElement(XElement element, string friendlyName)
    {
        using var content = new MemoryStream();
        element.Save(content);
        store.Write(friendlyName + Suffix, content.ToArray());
    }
}
