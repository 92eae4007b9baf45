using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace MailServer.Web.Listeners;

/// <summary>
/// Compresses responses of the given content types. Pages are not among them: which of them may be compressed depends on the secrets that they show
/// (<c>PageCompression</c>).
/// </summary>
public static class ResponseCompression
{
    /// <summary>Middleware that compresses responses of these types if the client accepts it.</summary>
    public static Func<HttpContext, RequestDelegate, Task> Of(IServiceProvider services, params string[] types)
    {
        var options = new ResponseCompressionOptions { EnableForHttps = true, MimeTypes = types };
        options.Providers.Add<GzipCompressionProvider>();
        var provider = new ResponseCompressionProvider(services, Options.Create(options));
        return (http, next) => new ResponseCompressionMiddleware(next, provider).Invoke(http);
    }
}
