using System.Text;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Filtering;

/// <summary>Reads the envelope sender of a message from its Return-Path field, which this server writes in front of every message.</summary>
internal static class ReturnPathField
{
    private const int Longest = 1_024;

    /// <summary>The sender; null for the null sender.</summary>
    public static EmailAddress? SenderOf(MessageContent content)
    {
        var line = Encoding.UTF8.GetString(content.ReadRange(0, Longest));
        var (start, end) = (line.IndexOf('<', StringComparison.Ordinal), line.IndexOf(">\r\n", StringComparison.Ordinal));
        return line.StartsWith("Return-Path:", StringComparison.OrdinalIgnoreCase) && start >= 0 && end > start && EmailAddress.TryParse(line[(start + 1)..end], out var sender) ? sender : null;
    }
}
