using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MailServer.Web.Pages.Serving;

/// <summary>
/// Compresses pages for clients that accept gzip. The size of a compressed response reveals whether text that an attacker chooses repeats a secret in it (BREACH), so pages that
/// show a secret are not compressed (<see cref="PageResult.RenderedView.HasSecret"/>), nor is any page before sign-in. The tokens of forms differ in every response, so nothing
/// can be learned about them. Besides, no other site can cause a response with the user's data: the cookies are SameSite=Strict.
/// </summary>
internal static class PageCompression
{
    private const int Smallest = 1_000;

    public static async Task WriteAsync(HttpContext http, string html, bool mayCompress)
    {
        var octets = Encoding.UTF8.GetBytes(html);
        http.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (!mayCompress || octets.Length < Smallest || !AcceptsGzip(http.Request))
        {
            http.Response.ContentLength = octets.Length;
            await http.Response.Body.WriteAsync(octets, http.RequestAborted);
            return;
        }

        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) await gzip.WriteAsync(octets, http.RequestAborted);
        http.Response.Headers.ContentEncoding = "gzip";
        http.Response.ContentLength = compressed.Length;
        await http.Response.Body.WriteAsync(compressed.GetBuffer().AsMemory(0, (int)compressed.Length), http.RequestAborted);
    }

    private static bool AcceptsGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var accepted) && accepted.Any(static a => a.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && a.Quality != 0);
}
