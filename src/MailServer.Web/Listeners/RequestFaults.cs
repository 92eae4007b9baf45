using MailServer.Domain.Accounts;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MailServer.Web.Listeners;

/// <summary>
/// Answers for endpoints that throw: what is wrong with the request is the client's status, what is not available now is 503, anything else is a fault of
/// the server, logged once with its cause and answered 500 without a word about it.
/// </summary>
internal sealed partial class RequestFaults(ILogger log)
{
    public async Task CatchAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            Answer(http, e);
        }
        catch (Exception e)
        {
            LogBroken(log, http.Request.Method, http.Request.Path.ToUriComponent(), e);
            http.Abort();
        }
    }

    private void Answer(HttpContext http, Exception failure)
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
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, string method, string path, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer to {Method} {Path} was cut off")]
    private static partial void LogBroken(ILogger logger, string method, string path, Exception e);
}
