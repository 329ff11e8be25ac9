using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Engine.Examples;

/// <summary>What the server answers: the page's files, the list of runs, what is new in a run's log, and its model.</summary>
internal static class WatchRoutes
{
    private const long LargestModel = 16 << 20;

    private static readonly (string Path, string File, string Type)[] Page =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/watch.css", "watch.css", "text/css; charset=utf-8"),
        .. new[] { "watch.js", "run.js", "series.js", "scale.js", "chart.js", "model.js" }.Select(file => ($"/{file}", file, "text/javascript; charset=utf-8")),
    ];

    public static void Map(IEndpointRouteBuilder app, WatchedFolder folder)
    {
        foreach (var (path, file, type) in Page)
        {
            byte[] bytes = Embedded(file);
            app.MapGet(path, context => Write(context, bytes, type));
        }
        app.MapGet("/api/runs", context => Answer(context, json => Runs(json, folder)));
        app.MapGet("/api/log", context => Log(context, folder));
        app.MapGet("/api/model", context => Model(context, folder));
    }

    private static void Runs(Utf8JsonWriter json, WatchedFolder folder)
    {
        json.WriteString("folder", folder.Given);
        json.WriteString("name", Path.GetFileName(folder.Path));
        json.WriteBoolean("exists", Directory.Exists(folder.Path));
        json.WriteStartArray("runs");
        foreach (var run in folder.Runs())
        {
            json.WriteStartObject();
            json.WriteString("name", run.Name);
            json.WriteString("log", run.IsEvents ? "TensorBoard's events" : Layers.RunFolder.LogName);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static Task Log(HttpContext context, WatchedFolder folder)
    {
        if (folder.Find(context.Request.Query["run"]) is not { } run) return NotFound(context, "There is no such run.");
        _ = long.TryParse(context.Request.Query["offset"], out long offset);
        string mark = context.Request.Query["mark"].ToString();
        return Answer(context, json =>
        {
            var part = LogReader.Read(run.Logs, run.IsEvents ? new EventFormat() : new JsonLinesFormat(), offset, mark);
            json.WriteBoolean("reset", part.IsReset);
            json.WriteNumber("offset", part.Offset);
            json.WriteString("mark", part.Mark);
            json.WriteNumber("skipped", part.Skipped);
            json.WriteBoolean("more", part.IsMore);
            json.WriteStartArray("lines");
            foreach (string line in part.Lines) json.WriteRawValue(line, skipInputValidation: true);      // LogReader parsed it
            json.WriteEndArray();
        });
    }

    private static Task Model(HttpContext context, WatchedFolder folder)
    {
        if (folder.Find(context.Request.Query["run"]) is not { } run) return NotFound(context, "There is no such run.");
        var file = new FileInfo(Path.Combine(run.Folder, Layers.RunFolder.ModelName));
        if (!file.Exists || file.Length > LargestModel) return Answer(context, json => json.WriteNull("model"));
        return Answer(context, json =>
        {
            using var model = JsonDocument.Parse(File.ReadAllBytes(file.FullName));
            json.WritePropertyName("model");
            model.RootElement.WriteTo(json);
        });
    }

    /// <summary>Writes an object; or, where a file cannot be read or is not JSON, one with "error".</summary>
    private static Task Answer(HttpContext context, Action<Utf8JsonWriter> members)
    {
        try
        {
            return Write(context, Object(members), "application/json");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return Write(context, Object(json => json.WriteString("error", e.Message)), "application/json");
        }
    }

    private static byte[] Object(Action<Utf8JsonWriter> members)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static Task NotFound(HttpContext context, string message)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync(message);
    }

    private static Task Write(HttpContext context, byte[] bytes, string type)
    {
        (context.Response.ContentType, context.Response.ContentLength) = (type, bytes.Length);
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private static byte[] Embedded(string file)
    {
        using var stream = typeof(WatchRoutes).Assembly.GetManifestResourceStream($"www/{file}")!;
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
