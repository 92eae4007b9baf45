using System.Security.Cryptography;

namespace MailServer.Web.Pages.Serving;

/// <summary>The style sheet. Its URL contains a digest of the content, so that browsers can cache it forever.</summary>
internal static class StyleSheet
{
    public static byte[] Content { get; } = Load();

    public static string Path { get; } = $"/page-{Convert.ToHexStringLower(SHA256.HashData(Content).AsSpan(0, 6))}.css";

    private static byte[] Load()
    {
        using var resource = typeof(StyleSheet).Assembly.GetManifestResourceStream("page.css") ?? throw new InvalidOperationException("page.css is not embedded");
        using var copy = new MemoryStream();
        resource.CopyTo(copy);
        return copy.ToArray();
    }
}
