using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace MailServer.Web.Listeners;

/// <summary>
/// Compresses responses of the given content types. Pages are never among them: they contain secrets beside text that a visitor can choose, and the size of a
/// compressed response would reveal the secrets step by step (BREACH).
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
