using Microsoft.AspNetCore.Http;

namespace MailServer.Web.Listeners;

/// <summary>A request body that is not accepted: too large, too slow, or there is no memory or disk for it now. The message is for the client.</summary>
public sealed class RequestBodyException : BadHttpRequestException
{
    public RequestBodyException() : this("the request body cannot be read") { }

    public RequestBodyException(string message) : base(message) { }

    public RequestBodyException(string message, Exception innerException) : base(message, innerException) { }

    public RequestBodyException(string message, int status, Exception? innerException = null) : base(message, status, innerException!) { }

    internal static RequestBodyException TooLarge() => new("the request body is too large", StatusCodes.Status413PayloadTooLarge);

    internal static RequestBodyException TooSlow() => new("the request body did not arrive in time", StatusCodes.Status408RequestTimeout);

    internal static RequestBodyException Busy() => new("the server is processing too many large requests; try again later", StatusCodes.Status503ServiceUnavailable);

    internal static RequestBodyException NoDisk(IOException cause) => new("the disk of the server is full or cannot be written", StatusCodes.Status507InsufficientStorage, cause);
}
