using MailServer.Web.Listeners;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace MailServer.Web.Pages.Serving;

/// <summary>Reads posted forms, in memory and with limits.</summary>
internal static class FormReader
{
    private const int MostFields = 100;

    public static async Task<IFormCollection> ReadAsync(HttpContext http, int maxSize)
    {
        if (!http.Request.HasFormContentType) throw new PageException(415, "This is no form.");
        // Files stay in memory: the web project writes nothing to the disk.
        var options = new FormOptions
        {
            ValueCountLimit = MostFields,
            KeyLengthLimit = 100,
            ValueLengthLimit = maxSize,
            BufferBodyLengthLimit = maxSize,
            MultipartBodyLengthLimit = maxSize,
            MemoryBufferThreshold = maxSize,
        };
        try
        {
            return await http.ReadFormAsync(options, maxSize);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or NotSupportedException || (e is IOException and not BadHttpRequestException && !http.RequestAborted.IsCancellationRequested))
        {
            throw new PageException(400, "This form cannot be read.");
        }
    }
}
