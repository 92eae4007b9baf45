namespace MailServer.Storage.SafeFiles;

/// <summary>A path that should be a regular file is a link, a directory, a FIFO, a socket or a device, or leads outside its folder.</summary>
public sealed class NotRegularFileException : IOException
{
    public NotRegularFileException() { }

    public NotRegularFileException(string path) : base($"{path} is not a regular file and was not read") { }

    public NotRegularFileException(string message, Exception innerException) : base(message, innerException) { }
}
