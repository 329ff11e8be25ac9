namespace Engine.Tests.Layers.Models;

/// <summary>GPT-2 in plain loops over numbers under Hugging Face's names and in its shapes: what the formula says.</summary>
internal sealed class PlainGpt(Dictionary<string, (int[] Shape, double[] Numbers)> of, int width, int layers, int heads, double epsilon)
{
    /// <summary>Logits at each place of a text.</summary>
    public double[][] Logits(IReadOnlyList<int> text)
    {
        double[][] x = [.. text.Select((token, place) => Add(Row("wte.weight", token), Row("wpe.weight", place)))];
        for (int layer = 0; layer < layers; layer++)
        {
            string h = $"h.{layer}.";
            double[][] qkv = [.. x.Select(v => Conv1D($"{h}attn.c_attn", Norm($"{h}ln_1", v)))];
            x = [.. x.Select((v, t) => Add(v, Conv1D($"{h}attn.c_proj", Attend(qkv, t))))];
            x = [.. x.Select(v => Add(v, Conv1D($"{h}mlp.c_proj", [.. Conv1D($"{h}mlp.c_fc", Norm($"{h}ln_2", v)).Select(Gelu)])))];
        }
        int tokens = of["wte.weight"].Shape[0];
        return [.. x.Select(v => Norm("ln_f", v)).Select(v => Enumerable.Range(0, tokens).Select(token => Dot(v, Row("wte.weight", token))).ToArray())];
    }

    private double[] Attend(double[][] qkv, int t)
    {
        var y = new double[width];
        int size = width / heads;
        for (int head = 0; head < heads; head++)
        {
            int at = head * size;
            double[] scores = [.. qkv[..(t + 1)].Select(k => Enumerable.Range(at, size).Sum(i => qkv[t][i] * k[width + i]) / Math.Sqrt(size))];
            double max = scores.Max(), sum = scores.Sum(s => Math.Exp(s - max));
            for (int s = 0; s <= t; s++)
                for (int i = at; i < at + size; i++) y[i] += Math.Exp(scores[s] - max) / sum * qkv[s][2 * width + i];
        }
        return y;
    }

    /// <summary>x·W + b with W (in, out).</summary>
    private double[] Conv1D(string name, double[] x)
    {
        var (shape, w) = of[$"{name}.weight"];
        var y = new double[shape[1]];
        for (int o = 0; o < y.Length; o++)
        {
            for (int i = 0; i < x.Length; i++) y[o] += x[i] * w[i * shape[1] + o];
            if (of.TryGetValue($"{name}.bias", out var bias)) y[o] += bias.Numbers[o];
        }
        return y;
    }

    private double[] Norm(string name, double[] x)
    {
        double mean = x.Average(), variance = x.Average(v => (v - mean) * (v - mean));
        return [.. x.Select((v, i) => (v - mean) / Math.Sqrt(variance + epsilon) * of[$"{name}.weight"].Numbers[i] + (of.TryGetValue($"{name}.bias", out var bias) ? bias.Numbers[i] : 0))];
    }

    private static double Gelu(double x) => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));

    private double[] Row(string name, int row) => of[name].Numbers[(row * width)..((row + 1) * width)];

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
