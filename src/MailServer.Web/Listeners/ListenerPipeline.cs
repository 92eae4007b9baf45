using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Listeners;

/// <summary>What one kind of listener serves.</summary>
/// <param name="Listener">The kind.</param>
/// <param name="MaxBody">The largest request body, in octets. An endpoint that takes larger ones raises it for its request.</param>
public sealed record ListenerPipeline(WebListener Listener, long MaxBody)
{
    /// <summary>Middleware that sees every request first, in order.</summary>
    public IReadOnlyList<Func<HttpContext, RequestDelegate, Task>> Before { get; init; } = [];

    /// <summary>Fills the route table.</summary>
    public required Action<IEndpointRouteBuilder> Map { get; init; }

    /// <summary>Answers what no route matches.</summary>
    public RequestDelegate Otherwise { get; init; } = static http =>
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    };
}
