using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Engine.Tests;

/// <summary>A web server on this machine that answers each request as a test says, then hangs up.</summary>
public sealed class LocalServer : IDisposable
{
    public sealed record Request(int Number, string Path, IReadOnlyDictionary<string, string> Headers)
    {
        /// <summary>The first byte asked for; 0 where the whole is.</summary>
        public int From => Headers.TryGetValue("Range", out string? range) ? int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;
    }

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly List<Request> requests = [];
    private readonly Func<Request, Stream, CancellationToken, Task> answer;

    public LocalServer(Func<Request, Stream, CancellationToken, Task> answer)
    {
        this.answer = answer;
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        _ = Serve();
    }

    /// <summary>Answers with bytes at once.</summary>
    public LocalServer(Func<Request, byte[]> answer) : this(async (request, stream, cancel) => await stream.WriteAsync(answer(request), cancel))
    {
    }

    public Uri Address { get; }

    public Request[] Requests
    {
        get
        {
            lock (requests) return [.. requests];
        }
    }

    public static byte[] Head(int status, int length, params string[] headers)
        => Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Some\r\nContent-Length: {length}\r\nConnection: close\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n");

    /// <summary>A server's answer that knows ranges: 206 where a range is asked for of this very file, else the whole.</summary>
    public static byte[] File(Request request, byte[] bytes, string tag = "\"one\"")
    {
        int from = request.From;
        return from > 0 && request.Headers.GetValueOrDefault("If-Range", tag) == tag
            ? [.. Head(206, bytes.Length - from, $"ETag: {tag}", $"Content-Range: bytes {from}-{bytes.Length - 1}/{bytes.Length}"), .. bytes[from..]]
            : [.. Head(200, bytes.Length, $"ETag: {tag}"), .. bytes];
    }

    private async Task Serve()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                _ = Answer(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task Answer(TcpClient client)
    {
        using var _ = client;
        try
        {
            var stream = client.GetStream();
            var text = new StringBuilder();
            var buffer = new byte[4096];
            while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                int got = await stream.ReadAsync(buffer, stop.Token);
                if (got == 0) return;
                text.Append(Encoding.ASCII.GetString(buffer, 0, got));
            }
            string[] lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            Request request;
            lock (requests)
            {
                request = new Request(requests.Count, lines[0].Split(' ')[1], lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1]));
                requests.Add(request);
            }
            await answer(request, stream, stop.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The other side hung up, or the test is over.
        }
    }

    public void Dispose()
    {
        stop.Cancel();
        listener.Stop();
        stop.Dispose();
    }
}
