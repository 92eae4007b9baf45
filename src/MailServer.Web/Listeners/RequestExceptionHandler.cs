using MailServer.Domain.Accounts;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Listeners;

/// <summary>
/// Middleware that handles exceptions of endpoints: an invalid request gets its 4xx status, temporary unavailability gets 503, and anything else is
/// logged once with the exception and gets 500 without details.
/// </summary>
internal sealed partial class RequestExceptionHandler(ILogger log)
{
    public async Task CatchAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client disconnected.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            await AnswerAsync(http, e);
        }
        catch (Exception e)
        {
            LogBroken(log, http.Request.Method, http.Request.Path.ToUriComponent(), e);
            http.Abort();
        }
    }

    private async Task AnswerAsync(HttpContext http, Exception failure)
    {
        http.Response.Clear();
        http.Response.StatusCode = failure switch
        {
            BadHttpRequestException bad => bad.StatusCode,
            ConnectionResetException => StatusCodes.Status400BadRequest,
            DirectoryException { IsTemporary: true } or Akka.Actor.AskTimeoutException or TimeoutException => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
        if (http.Response.StatusCode == StatusCodes.Status503ServiceUnavailable) http.Response.Headers.RetryAfter = "10";
        if (http.Response.StatusCode == StatusCodes.Status500InternalServerError) LogFailed(log, http.Request.Method, http.Request.Path.ToUriComponent(), failure);
        if (failure is RequestBodyException refused) await http.Response.WriteAsync(refused.Message, http.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "HTTP request {Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, string method, string path, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "HTTP response to {Method} {Path} was aborted")]
    private static partial void LogBroken(ILogger logger, string method, string path, Exception e);
}
