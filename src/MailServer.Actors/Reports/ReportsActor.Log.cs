using MailServer.Domain.Messages;
using MailServer.Domain.Reports;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

internal sealed partial class ReportsActor
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The {Kind} report about {Domain} of {Day}: {Outcome}")]
    private partial void LogSent(ReportKind kind, string domain, DateOnly day, string outcome);

    [LoggerMessage(Level = LogLevel.Information, Message = "Message {Message} brought a {Kind} report of {Organization} about {Domain}: it is kept as {Id}")]
    private partial void LogKept(SpoolId message, ReportKind kind, string organization, string domain, long id);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {Message} holds no report that can be read, and is left as ordinary mail: {Reason}")]
    private partial void LogUnreadable(SpoolId message, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "reports.db cannot be written")]
    private partial void LogStoreFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} observations for reports found no room and are missing in them")]
    private partial void LogDropped(long count);
}
