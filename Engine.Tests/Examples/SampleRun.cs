using System.Globalization;
using System.Text;

namespace Engine.Tests.Examples;

/// <summary>Logs as <see cref="Layers.RunFolder"/> writes them, of runs that never were.</summary>
internal static class SampleRun
{
    public const string Model = """
        {"name":"","kind":"Sequential","settings":"","output_shape":[32,10],"parameters":1290,"flops":81920,"children":[
          {"name":"0","kind":"Flatten","settings":"","output_shape":[32,128],"parameters":0,"flops":0,"children":[]},
          {"name":"1","kind":"Linear","settings":"128 -> 10","output_shape":[32,10],"parameters":1290,"flops":81920,"children":[]}]}
        """;

    /// <summary>Writes a log of some steps, 100 an epoch, and a model.</summary>
    public static void Write(string folder, int steps)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "model.json"), Model);
        File.WriteAllText(Path.Combine(folder, "log.jsonl"), Invariant($"{{\"kind\":\"begin\",\"time\":{Now:R},\"epoch\":0,\"step\":0,\"epochs\":20,\"batches\":100,\"device\":\"cpu\",\"parameters\":1290}}\n") + Lines(1, steps));
    }

    /// <summary>Appends further steps.</summary>
    public static void Append(string folder, int first, int count) => File.AppendAllText(Path.Combine(folder, "log.jsonl"), Lines(first, count));

    private static string Lines(int first, int count)
    {
        var lines = new StringBuilder();
        for (int step = first; step < first + count; step++)
        {
            double share = Math.Exp(-step / 300.0), loss = .2 + 2 * share + .1 * Math.Sin(step) * (.2 + share);
            lines.Append(Invariant($"{{\"kind\":\"step\",\"time\":{Now:R},\"epoch\":{(step - 1) / 100},\"step\":{step},\"batch\":{(step - 1) % 100 + 1},\"batches\":100,\"loss\":{loss:R},\"learning_rate\":{.001 * share:R},\"examples_per_second\":1200,\"pool_used_bytes\":8388608,\"pool_reserved_bytes\":16777216}}\n"));
            if (step % 100 == 0)
                lines.Append(Invariant($"{{\"kind\":\"epoch\",\"time\":{Now:R},\"epoch\":{step / 100 - 1},\"step\":{step},\"loss\":{loss:R},\"accuracy\":{1 - share:R},\"val_loss\":{loss + .1:R},\"val_accuracy\":{.98 - share:R}}}\n"));
        }
        return lines.ToString();
    }

    private static double Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
