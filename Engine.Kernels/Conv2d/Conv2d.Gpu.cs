using ILGPU;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    private protected override void Conv2dForwardCore(View x, View w, View y, Conv2dSizes sizes, View? bias, Activation activation)
        => Launch(Conv2dForwardKernel, Linear(y.Length), Floats(x), Floats(w), Floats(bias ?? w), Floats(y), sizes, bias is null ? 0 : 1, (int)activation);

    private protected override void Conv2dBackwardInputCore(View w, View dy, View dx, Conv2dSizes sizes)
        => Launch(Conv2dBackwardInputKernel, Linear(dx.Length), Floats(w), Floats(dy), Floats(dx), sizes);

    private protected override void Conv2dBackwardWeightCore(View x, View dy, View dw, Conv2dSizes sizes)
        => Launch(Conv2dBackwardWeightKernel, Linear(dw.Length), Floats(x), Floats(dy), Floats(dw), sizes);

    private protected override void Conv2dBackwardBiasCore(View dy, View db, Conv2dSizes sizes)
        => Launch(Conv2dBackwardBiasKernel, Linear(db.Length), Floats(dy), Floats(db), sizes);

    private static void Conv2dForwardKernel(ArrayView<float> x, ArrayView<float> w, ArrayView<float> bias, ArrayView<float> y, Conv2dSizes z, int hasBias, int activation)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.OutputCount) return;
        int q = at % z.Q, p = at / z.Q % z.P, k = at / z.Pixels % z.K, n = at / z.Pixels / z.K;
        int h = p * z.StrideH - z.PadH, v = q * z.StrideW - z.PadW;
        float sum = hasBias != 0 ? bias[k] : 0f;
        for (int c = 0; c < z.GroupC; c++)
        {
            int plane = n * z.C + k / z.GroupK * z.GroupC + c, filter = k * z.GroupC + c;
            for (int r = 0; r < z.R; r++)
            {
                int row = h + r * z.DilationH;
                if (row < 0 || row >= z.H) continue;
                for (int s = 0; s < z.S; s++)
                {
                    int column = v + s * z.DilationW;
                    if (column >= 0 && column < z.W) sum += x[(plane * z.H + row) * z.W + column] * w[(filter * z.R + r) * z.S + s];
                }
            }
        }
        y[at] = Activate(sum, activation);
    }

    private static void Conv2dBackwardInputKernel(ArrayView<float> w, ArrayView<float> dy, ArrayView<float> dx, Conv2dSizes z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.InputCount) return;
        int v = at % z.W, h = at / z.W % z.H, c = at / z.W / z.H % z.C, n = at / z.W / z.H / z.C;
        int g = c / z.GroupC, cg = c % z.GroupC;
        float sum = 0f;
        for (int r = 0; r < z.R; r++)
        {
            int top = h + z.PadH - r * z.DilationH;
            if (top < 0 || top % z.StrideH != 0 || top / z.StrideH >= z.P) continue;
            for (int s = 0; s < z.S; s++)
            {
                int left = v + z.PadW - s * z.DilationW;
                if (left < 0 || left % z.StrideW != 0 || left / z.StrideW >= z.Q) continue;
                int pixel = top / z.StrideH * z.Q + left / z.StrideW;
                for (int k = g * z.GroupK; k < (g + 1) * z.GroupK; k++)
                    sum += w[((k * z.GroupC + cg) * z.R + r) * z.S + s] * dy[(n * z.K + k) * z.Pixels + pixel];
            }
        }
        dx[at] = sum;
    }

    private static void Conv2dBackwardWeightKernel(ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dw, Conv2dSizes z)
    {
        int at = Grid.GlobalIndex.X;
        if (at >= z.WeightCount) return;
        int s = at % z.S, r = at / z.S % z.R, c = at / z.S / z.R % z.GroupC, k = at / z.Taps;
        int channel = k / z.GroupK * z.GroupC + c;
        float sum = 0f;
        for (int n = 0; n < z.N; n++)
            for (int p = 0; p < z.P; p++)
            {
                int row = p * z.StrideH + r * z.DilationH - z.PadH;
                if (row < 0 || row >= z.H) continue;
                for (int q = 0; q < z.Q; q++)
                {
                    int column = q * z.StrideW + s * z.DilationW - z.PadW;
                    if (column >= 0 && column < z.W)
                        sum += x[((n * z.C + channel) * z.H + row) * z.W + column] * dy[((n * z.K + k) * z.P + p) * z.Q + q];
                }
            }
        dw[at] = sum;
    }

    private static void Conv2dBackwardBiasKernel(ArrayView<float> dy, ArrayView<float> db, Conv2dSizes z)
    {
        int k = Grid.GlobalIndex.X;
        if (k >= z.K) return;
        float sum = 0f;
        for (int n = 0; n < z.N; n++)
            for (int i = 0; i < z.Pixels; i++) sum += dy[(n * z.K + k) * z.Pixels + i];
        db[k] = sum;
    }
}
